import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { execPath } from 'node:process';

/** The environment of a process, whole: nothing is inherited. */
export type Environment = Readonly<Record<string, string>>;

/** How a process ended, and all that it said. */
export type Ending = {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
};

/** A process of `oshi` that a test has started. */
export type OshiProcess = {
  readonly pid: number;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Resolves when it has ended and all that it said has been read. */
  readonly ended: Promise<Ending>;
  /** Resolves when its output, both kinds together, fits. Rejects when it ends before. */
  said(pattern: RegExp): Promise<RegExpExecArray>;
  /** Asks it to end, by SIGTERM if nothing else is said, and resolves when it has. */
  stop(signal?: NodeJS.Signals): Promise<Ending>;
  /** Ends it as a crash would. */
  kill(): Promise<Ending>;
};

/** A running server. */
export type OshiServer = OshiProcess & { readonly url: string };

const root = resolve(import.meta.dirname, '../..');
const program = resolve(root, 'dist/cli/oshi.js');

/** A shell that waits for the end of a pipe that this process holds, so that no server outlives its test. */
const guard = (pid: number): ChildProcess => {
  const script = 'read -r line; kill -9 "$1" 2>/dev/null';
  const shell = spawn('/bin/sh', ['-c', script, 'guard', String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  shell.on('error', () => {});
  shell.unref();
  return shell;
};

/** Starts a program of Node's in the project's folder with these words, this environment and this standard input. */
export const spawnNode = (
  words: readonly string[],
  env: Environment = {},
  input = '',
): OshiProcess => {
  const child = spawn(execPath, words, { cwd: root, env, stdio: 'pipe' });
  // A program that ends before it has read all of it is no fault of the test.
  child.stdin.on('error', () => {}).end(input);
  const watching = guard(child.pid ?? 0);
  const said = { stdout: '', stderr: '' };
  const waiting = new Set<() => void>();
  const look = (): void => {
    for (const check of [...waiting]) check();
  };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      said[stream] += text;
      look();
    });
  }
  let over = false;
  const ended = once(child, 'close').then((): Ending => {
    over = true;
    watching.kill('SIGKILL');
    look();
    return { code: child.exitCode, signal: child.signalCode, ...said };
  });
  const end = (signal: NodeJS.Signals): Promise<Ending> => {
    child.kill(signal);
    return ended;
  };
  return {
    pid: child.pid ?? 0,
    stdout: () => said.stdout,
    stderr: () => said.stderr,
    ended,
    said: (pattern) =>
      new Promise((done, fail) => {
        const check = (): void => {
          const found = pattern.exec(`${said.stdout}\n${said.stderr}`);
          if (found) done(found);
          else if (over) fail(new Error(`it ended before it said ${pattern}: ${said.stderr}`));
          else return;
          waiting.delete(check);
        };
        waiting.add(check);
        check();
      }),
    stop: (signal = 'SIGTERM') => end(signal),
    kill: () => end('SIGKILL'),
  };
};

/** Starts the built program with these words, this environment and this standard input. */
export const spawnOshi = (
  words: readonly string[],
  env: Environment = {},
  input = '',
): OshiProcess => spawnNode([program, ...words], env, input);

/** Runs the built program to its end. */
export const runOshi = (
  words: readonly string[],
  env: Environment = {},
  input = '',
): Promise<Ending> => spawnOshi(words, env, input).ended;

/** Starts a server and resolves when it listens; rejects with what it said if it ends before. */
export const startOshi = async (
  env: Environment,
  words: readonly string[] = [],
): Promise<OshiServer> => {
  const running = spawnOshi(['start', ...words], env);
  const [, url = ''] = await running.said(/^Oshi listens on (\S+)/m);
  return { ...running, url };
};
