import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { environment } from '../../src/config.ts';

/** A process under load, and what it has used so far. */
export type Subject = {
  readonly url: string;
  /** Processor time of the process, all threads, in µs. */
  cpuMicros(): number;
  /** Bytes that it has had written to disks (proc(5): `write_bytes`). */
  written(): number;
  /** Resident memory in bytes. */
  memory(): number;
  stop(): Promise<void>;
  /** Ends it as a crash would. */
  kill(): Promise<void>;
};

/** Linux counts processor time in hundredths of a second (`sysconf(_SC_CLK_TCK)`). */
const microsPerTick = 10_000;
const startMsMax = 30_000;

const statOf = (pid: number): string[] => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
};

/** Processor time of a process, in µs (proc(5): utime and stime). */
export const cpuMicrosOf = (pid: number): number => {
  const fields = statOf(pid);
  return (Number(fields[11]) + Number(fields[12])) * microsPerTick;
};

/** Bytes that a process has had written to disks, in memory too. */
const writtenBy = (pid: number): number => {
  const counts = readFileSync(`/proc/${pid}/io`, 'utf8');
  return Number(/^write_bytes: (\d+)$/m.exec(counts)?.[1] ?? 0);
};

/** Resident memory of a process, in bytes. */
export const memoryOf = (pid: number): number => {
  const line = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(line?.[1] ?? 0) * 1024;
};

const end = async (child: ChildProcess, signal: NodeJS.Signals): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill(signal);
  await gone;
};

const urlFrom = (child: ChildProcess): Promise<string> =>
  new Promise((resolve, reject) => {
    let text = '';
    const give = setTimeout(() => reject(new Error(`no address came: ${text}`)), startMsMax);
    const read = (data: Buffer): void => {
      text += data;
      const url = /https?:\/\/[\d.:]+/.exec(text)?.[0];
      if (url === undefined) return;
      clearTimeout(give);
      resolve(url);
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', (data: Buffer) => {
      text += data;
    });
    child.once('exit', (code) => reject(new Error(`it ended with ${code}: ${text}`)));
  });

/** What a child needs of our environment: the way to its programs, and nothing else. */
export const inheritedEnvironment = (): Record<string, string> =>
  Object.fromEntries(
    ['PATH', 'HOME', 'TMPDIR'].flatMap((name) => {
      const value = environment()[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );

/** Starts a Node program that prints its address, and resolves when it has. */
export const startProgram = async (
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Subject> => {
  const child = spawn(process.execPath, args, {
    env: { ...inheritedEnvironment(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`cannot start ${args.join(' ')}`);
  process.once('exit', () => child.kill('SIGKILL'));
  const url = await urlFrom(child);
  return {
    url,
    cpuMicros: () => cpuMicrosOf(pid),
    written: () => writtenBy(pid),
    memory: () => memoryOf(pid),
    stop: () => end(child, 'SIGTERM'),
    kill: () => end(child, 'SIGKILL'),
  };
};
