import cluster, { type Worker } from 'node:cluster';
import type { SiblingMetrics } from '../../monitoring/metrics.ts';
import { monotonic } from '../../runtime/clock.ts';
import { sleep } from '../../runtime/timers.ts';
import { stopMsMax, stopper } from '../stopper.ts';
import { Channel, questions } from './channel.ts';
import { type Ending, Supervisor, type WorkerProcess } from './supervisor.ts';

export type WorkersOptions = {
  readonly count: number;
  /** More words for `oshi start`; the settings are in the environment. */
  readonly words: readonly string[];
  readonly say: (line: string) => void;
};

/** How much longer than a single server this process waits for its workers, which stop as one does, in ms. */
const stopMsMore = 250;
/** How long a worker may take to answer, in ms: less than another one waits for the answers of all. */
const answerMsMax = 1000;

type Reporting = WorkerProcess & { metrics(): Promise<SiblingMetrics['metrics'] | undefined> };

/**
 * Runs a server as several processes behind one port, each a node of its own; this one accepts the connections and
 * hands them out in turn.
 */
export const runWorkers = async ({ count, words, say }: WorkersOptions): Promise<void> => {
  const listening = new Map<number, Reporting>();
  const metrics = async (): Promise<SiblingMetrics[]> => {
    const all = [...listening].map(async ([worker, process]) => {
      const found = await process.metrics();
      return found ? [{ worker: String(worker), metrics: found }] : [];
    });
    return (await Promise.all(all)).flat();
  };
  const supervisor = new Supervisor({
    count,
    ...{ monotonic, sleep },
    report: (line) => void process.stderr.write(`oshi: ${line}\n`),
    fork(worker) {
      const args = ['start', '--worker', String(worker), ...words];
      cluster.setupPrimary({ args, serialization: 'advanced' });
      const forked = reporting(cluster.fork(), metrics);
      void forked.listening.then(() => listening.set(worker, forked));
      void forked.ended.then(() => listening.delete(worker));
      return forked;
    },
  });
  const ended = supervisor.run((url) =>
    say(`Oshi listens on ${url} (cluster engine, data on the servers, ${count} workers)`),
  );
  const stop = stopper({
    async close() {
      supervisor.stop();
      return await ended;
    },
    ...{ say, msMax: stopMsMax + stopMsMore, onLate: () => supervisor.kill() },
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(signal, () => void stop(signal, 0));
  process.exitCode = await ended;
};

/** What is sent to a process that is ending may be lost. */
const lost = (): void => undefined;

/** A process as the supervisor needs it, which is told the metrics of all when it asks for them. */
const reporting = (worker: Worker, all: () => Promise<unknown>): Reporting => {
  const send = (message: object): void => {
    if (worker.isConnected()) worker.send(message, lost);
  };
  const listen = (handler: (message: object) => void): void => void worker.on('message', handler);
  const channel = new Channel({ send, listen }, answerMsMax);
  channel.answer(questions.all, all);
  return {
    pid: worker.process.pid,
    listening: new Promise((resolve) => {
      worker.on('message', ({ listens }: { listens?: string }) => {
        if (listens !== undefined) resolve(listens);
      });
    }),
    ended: new Promise<Ending>((resolve) => {
      worker.once('exit', (code, signal) => resolve({ code, signal }));
      worker.on('error', () => {
        // It could not be started: there will be no exit.
        if (worker.process.pid === undefined) resolve({ code: 1, signal: null });
      });
    }),
    kill: (signal) => void worker.process.kill(signal),
    metrics: async () =>
      (await channel.ask(questions.own)) as SiblingMetrics['metrics'] | undefined,
  };
};
