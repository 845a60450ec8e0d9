import cluster from 'node:cluster';
import type { Siblings } from '../../monitoring/metrics.ts';
import { Channel, questions } from './channel.ts';

/** What connects a worker to the primary process that has started it. */
export type WorkerLink = {
  /** Whether it is the first that was started: it alone says what all would say at the start. */
  readonly isFirst: boolean;
  readonly siblings: Siblings;
  /** Reports that it listens. */
  listens(url: string): void;
  /** Calls a function when the primary process has ended. */
  onLost(handler: () => void): void;
};

/** Connects this process to the primary process. */
export const linkToPrimary = (): WorkerLink => {
  const self = cluster.worker;
  if (!self) throw new Error('--worker is only for the processes that OSHI_WORKERS starts');
  const send = (message: object): void => {
    // What is lost is missed by nobody: the primary process has ended.
    if (self.isConnected()) self.send(message, () => undefined);
  };
  const channel = new Channel({ send, listen: (handler) => void process.on('message', handler) });
  return {
    isFirst: self.id === 1,
    siblings: {
      answer: (metrics) => channel.answer(questions.own, metrics),
      async all() {
        return ((await channel.ask(questions.all)) ?? []) as Awaited<ReturnType<Siblings['all']>>;
      },
    },
    listens: (url) => send({ listens: url }),
    onLost(handler) {
      self.on('disconnect', () => {
        // Otherwise node:cluster ends the process as soon as this returns.
        self.exitedAfterDisconnect = true;
        handler();
      });
    },
  };
};
