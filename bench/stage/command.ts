import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { cpuMicrosOf, inheritedEnvironment } from './process.ts';

/** What a command has taken, from its start to its end. */
export type Taken = {
  readonly seconds: number;
  /** Processor time of all its threads, in seconds. */
  readonly cpuSeconds: number;
  /** The most memory that it was seen to hold, in bytes; without files that are mapped, which others may use too. */
  readonly peakBytes: number;
};

const lookEveryMs = 50;

/** The memory that a process holds for itself, in bytes; undefined once it is gone (proc(5): RssAnon). */
const memoryOf = (pid: number): number | undefined => {
  try {
    const line = /RssAnon:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return line ? Number(line[1]) * 1024 : undefined;
  } catch {
    return undefined;
  }
};

/** Runs a Node program to its end, what it prints thrown away; rejects if it fails. */
export const runCommand = async (
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Taken> => {
  const begun = performance.now();
  const child = spawn(process.execPath, args, {
    env: { ...inheritedEnvironment(), ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`cannot start ${args.join(' ')}`);
  let complaint = '';
  child.stderr.on('data', (data: Buffer) => {
    complaint += data;
  });
  let peakBytes = 0;
  let cpuMicros = 0;
  const looking = setInterval(() => {
    const memory = memoryOf(pid);
    if (memory === undefined) return;
    peakBytes = Math.max(peakBytes, memory);
    cpuMicros = cpuMicrosOf(pid);
  }, lookEveryMs);
  const [code] = await once(child, 'exit');
  clearInterval(looking);
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${complaint}`);
  const seconds = (performance.now() - begun) / 1000;
  return { seconds, cpuSeconds: cpuMicros / 1_000_000, peakBytes };
};
