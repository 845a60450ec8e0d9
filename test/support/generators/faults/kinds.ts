import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { kill } from 'node:process';
import type { Chance } from '../chance.ts';
import type { Behind, FaultStage } from './stage.ts';

/** What happens to a server behind Oshi: it begins, lasts, and is over. */
export type Fault = {
  readonly name: string;
  /** Whether people go on posting meanwhile: only the read models are away. */
  readonly isHarmless: boolean;
  begin(stage: FaultStage): Promise<void>;
  end(stage: FaultStage): Promise<void>;
};

const slowMs = 300;
const piece = Buffer.alloc(64 * 1024);
const ballast = 'ballast';

/** Fills a disk to its last byte, and a little more than once since servers may free something meanwhile. */
const fill = async (dir: string): Promise<void> => {
  const file = join(dir, ballast);
  await writeFile(file, Buffer.alloc(0));
  for (const bytes of [piece, piece.subarray(0, 512), piece.subarray(0, 1)]) {
    try {
      for (;;) await writeFile(file, bytes, { flag: 'a' });
    } catch {
      // The next is smaller.
    }
  }
};

const of = (
  which: 'nats' | 'mongod',
): Record<string, { begin(behind: Behind): Promise<void> | void; end: Fault['end'] }> => {
  const cut = ({ [which]: { link } }: FaultStage) => Promise.resolve(link.cut());
  return {
    killed: { begin: ({ server }) => server.kill(), end: (stage) => stage[which].server.restart() },
    frozen: {
      begin: ({ server }) => void kill(server.pid, 'SIGSTOP'),
      end: async (stage) => void kill(stage[which].server.pid, 'SIGCONT'),
    },
    'half-open': {
      begin: ({ link }) => {
        link.swallowRequests();
        link.swallowReplies();
      },
      end: cut,
    },
    slow: {
      begin: ({ link }) => link.delay(slowMs),
      end: async (stage) => stage[which].link.delay(0),
    },
  };
};

/** Everything that can happen on this stage. */
export const faultsOn = ({ smallDisk }: Pick<FaultStage, 'smallDisk'>): Fault[] => {
  const faults: Fault[] = [];
  for (const which of ['mongod', 'nats'] as const) {
    for (const [what, { begin, end }] of Object.entries(of(which))) {
      faults.push({
        name: `${which} ${what}`,
        isHarmless: which === 'mongod',
        begin: async (stage) => begin(stage[which]),
        end,
      });
    }
  }
  if (smallDisk === undefined) return faults;
  faults.push({
    ...{ name: 'nats disk full', isHarmless: false },
    begin: () => fill(smallDisk),
    // A JetStream that could not write stores nothing more until it is started again.
    async end({ nats }) {
      await rm(join(smallDisk, ballast), { force: true });
      await nats.server.restart();
    },
  });
  return faults;
};

/** The faults in an order of their own, again and again. */
export function* shuffled(faults: readonly Fault[], chance: Chance): Generator<Fault> {
  for (;;) {
    const left = [...faults];
    while (left.length > 0) yield* left.splice(chance.under(left.length), 1);
  }
}
