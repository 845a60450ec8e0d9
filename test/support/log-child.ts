import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execPath } from 'node:process';
import { createInterface } from 'node:readline';

/** A folder of a test's own; `remove` it afterwards. */
export const temporaryFolder = async (): Promise<{ path: string; remove(): Promise<void> }> => {
  const path = await mkdtemp(join(tmpdir(), 'oshi-log-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
};

/** A process that runs `log-process.ts`, and the lines that it has told so far. */
export type LogChild = {
  readonly pid: number;
  readonly lines: string[];
  readonly errors: () => string;
  /** Resolves when a line begins so, or rejects when the process ends before. */
  said(start: string): Promise<string>;
  /** Resolves when so many lines were told. */
  told(count: number): Promise<void>;
  kill(): Promise<void>;
  /** Resolves when the process has ended. */
  ended: Promise<void>;
};

const script = resolve(import.meta.dirname, 'log-process.ts');

/** Starts one; `fileBytesMax` bounds the size of a file that it may write. */
export const startLogChild = (
  mode: 'hold' | 'guard' | 'append' | 'fill' | 'spoil',
  path: string,
  options: { readonly fileBytesMax?: number } = {},
): LogChild => {
  const { fileBytesMax } = options;
  const command = [execPath, '--import', 'tsx', script, mode, path];
  const limit = `ulimit -f ${Math.ceil((fileBytesMax ?? 0) / 1024)}; exec "$@"`;
  const limited = fileBytesMax ? ['bash', '-c', limit, 'bash', ...command] : command;
  const child = spawn(limited[0] ?? execPath, limited.slice(1), { stdio: 'pipe' });
  return followed(child);
};

const followed = (child: ChildProcess & { stdout: NodeJS.ReadableStream | null }): LogChild => {
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  let errors = '';
  let over = false;
  const look = (): void => {
    for (const check of [...waiting]) check();
  };
  child.stderr?.on('data', (data) => {
    errors += data;
  });
  if (child.stdout) {
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line);
      look();
    });
  }
  const ended = once(child, 'close').then(() => {
    over = true;
    look();
  });
  const until = (met: () => boolean): Promise<void> =>
    new Promise((done, fail) => {
      const check = (): void => {
        if (met()) done();
        else if (over) fail(new Error(`the process ended: ${errors}`));
        else return;
        waiting.delete(check);
      };
      waiting.add(check);
      check();
    });
  return {
    pid: child.pid ?? 0,
    lines,
    errors: () => errors,
    said: async (start) => {
      await until(() => lines.some((line) => line.startsWith(start)));
      return lines.find((line) => line.startsWith(start)) ?? '';
    },
    told: (count) => until(() => lines.length >= count),
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
    ended,
  };
};
