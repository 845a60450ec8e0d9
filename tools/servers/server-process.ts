import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** A server program that runs as a child of this process and ends with it, however that ends. */
export type ServerProcess = {
  readonly url: string;
  readonly port: number;
  readonly dir: string;
  /** Of the newest run: a restart changes it. */
  readonly pid: number;
  /** Ends it in order, and removes its folder if that was made for it. */
  stop(): Promise<void>;
  /** Ends it by SIGKILL, as a crash would; its folder stays. */
  kill(): Promise<void>;
  /** Ends it in order if it runs, then starts it on the same port and folder. */
  restart(): Promise<void>;
};

/** How to run it. The program logs to `server.log` in `dir`. */
export type ServerSpec = {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly dir: string;
  readonly dirIsTemporary: boolean;
  readonly port: number;
  readonly url: string;
  /** Ends it in order; SIGTERM if nothing else is said. */
  readonly stopSignal?: NodeJS.Signals;
};

const readyMsMax = 60_000;
const stopMsMax = 15_000;

/** Starts the program and resolves when it accepts connections; rejects with the end of its own log. */
export const startServer = async (spec: ServerSpec): Promise<ServerProcess> => {
  let run = await launch(spec);
  const { stopSignal = 'SIGTERM' } = spec;
  const end = (signal: NodeJS.Signals): Promise<void> => finish(run, signal);
  return {
    url: spec.url,
    port: spec.port,
    dir: spec.dir,
    get pid() {
      return run.pid;
    },
    stop: async () => {
      await end(stopSignal);
      if (spec.dirIsTemporary) await rm(spec.dir, { recursive: true, force: true });
    },
    kill: () => end('SIGKILL'),
    restart: async () => {
      await end(stopSignal);
      run = await launch(spec);
    },
  };
};

type Run = { readonly child: ChildProcess; readonly pid: number; readonly guard: ChildProcess };

const launch = async (spec: ServerSpec): Promise<Run> => {
  // Whoever listens there would be taken for the server that is about to start.
  if (await accepts(spec.port))
    throw new Error(`port ${spec.port} is taken: ${spec.name} cannot start.`);
  const log = openSync(join(spec.dir, 'server.log'), 'a');
  // Detached, so that Ctrl-C reaches this process alone, which then stops the server in order.
  const child = spawn(spec.program, spec.args, { stdio: ['ignore', log, log], detached: true });
  closeSync(log);
  let failure: Error | undefined;
  child.on('error', (error) => {
    failure = error;
  });
  const deadline = Date.now() + readyMsMax;
  const guard = guardOf(child.pid);
  while (!(await accepts(spec.port))) {
    if (failure || isOver(child) || Date.now() > deadline) {
      guard.kill('SIGKILL');
      child.kill('SIGKILL');
      throw new Error(`${spec.name} did not start: ${failure?.message ?? (await lastWords(spec))}`);
    }
    await delay(20);
  }
  return { child, pid: child.pid ?? 0, guard };
};

/**
 * A shell that waits for the end of a pipe that this process holds open, and then kills the server: so the
 * server ends with this process even if this one is killed.
 */
const guardOf = (pid: number | undefined): ChildProcess => {
  const script = 'read -r line; kill -9 "$1"';
  const guard = spawn('/bin/sh', ['-c', script, 'guard', String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  guard.on('error', () => {});
  guard.unref();
  return guard;
};

const isOver = (child: ChildProcess): boolean =>
  child.exitCode !== null || child.signalCode !== null;

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    const answer = (accepted: boolean): void => {
      socket.destroy();
      resolve(accepted);
    };
    socket.once('connect', () => answer(true));
    socket.once('error', () => answer(false));
  });

const lastWords = async (spec: ServerSpec): Promise<string> => {
  const log = await readFile(join(spec.dir, 'server.log'), 'utf8');
  return log.trimEnd().slice(-500) || `it said nothing within ${readyMsMax} ms`;
};

const finish = async ({ child, guard }: Run, signal: NodeJS.Signals): Promise<void> => {
  if (!isOver(child)) {
    const over = once(child, 'exit');
    child.kill(signal);
    const lastResort = setTimeout(() => child.kill('SIGKILL'), stopMsMax);
    await over;
    clearTimeout(lastResort);
  }
  guard.kill('SIGKILL');
};
