import { join } from 'node:path';
import { argv, stdout } from 'node:process';
import { openDataFolder } from '../../src/engine/embedded/files/data-folder.ts';
import { openCommitStore } from '../../src/engine/embedded/lmdb-log/commit-store.ts';
import { openLmdbLog } from '../../src/engine/embedded/lmdb-log/lmdb-log.ts';
import { openLmdbVault } from '../../src/engine/embedded/lmdb-vault/lmdb-vault.ts';
import { type Aggregate, streamAggregate } from '../../src/events/aggregate.ts';
import type { CircleId, StreamId } from '../../src/events/ids.ts';
import { AppendFailure, type EventLog } from '../../src/events/log.ts';
import { everything, messages, posted, Writer } from './log-fixtures.ts';

/**
 * A process of its own with a data folder, which tests kill and starve: `hold` takes the folder, `guard` the vault in it too, `append` writes
 * until it is killed, `fill` writes until there is no room, `spoil` writes a commit that cannot be read. It tells of
 * what it does line by line.
 */
const [, , mode = '', path = ''] = argv;

const say = (...words: readonly (string | number)[]): void => {
  stdout.write(`${words.join(' ')}\n`);
};

const numbered = (index: number): string =>
  `00000000-0000-7000-8000-${String(index).padStart(12, '0')}`;

const aggregateNumber = (index: number): Aggregate =>
  streamAggregate(numbered(0) as CircleId, numbered(index) as StreamId);

const append = async (log: EventLog): Promise<void> => {
  const writers = Array.from({ length: 50 }, (_, index) => new Writer(log, aggregateNumber(index)));
  await Promise.all(
    writers.map(async (writer, index) => {
      writer.tail = await log.tail(writer.aggregate);
      for (;;) {
        const events = index === 0 ? [posted('x'.repeat(20_000))] : messages(1 + (index % 3));
        const { id } = await writer.append(events);
        say('acknowledged', id, writer.aggregate, writer.tail.n);
      }
    }),
  );
};

const fill = async (log: EventLog): Promise<void> => {
  const writers = Array.from({ length: 4 }, () => new Writer(log));
  const heard: string[] = [];
  await log.live(0, ({ commit }) => heard.push(commit.id));
  let count = 0;
  const reasons = await Promise.all(
    writers.map(async (writer) => {
      for (;;) {
        try {
          await writer.append([posted('x'.repeat(8000))]);
          count++;
        } catch (error) {
          return error instanceof AppendFailure ? error.reason : String(error);
        }
      }
    }),
  );
  const kept = await everything(log);
  const tails = await Promise.all(writers.map(({ aggregate }) => log.tail(aggregate)));
  const whole =
    kept.length === count &&
    kept.every(({ commit }, index) => commit.id === heard[index]) &&
    tails.every(({ hash }, index) => hash === writers[index]?.tail.hash);
  say('refused', [...new Set(reasons)].join(), count, whole ? 'whole' : 'broken');
};

const spoil = async (): Promise<void> => {
  const store = await openCommitStore({ file: join(path, 'log.mdb') });
  const place = { aggregate: aggregateNumber(0), partition: 0, seq: 1, n: 1 };
  await store?.write([{ ...place, bytes: Buffer.from('{') }]);
  await store?.close();
};

const folder = await openDataFolder(path);
if (mode === 'hold' || mode === 'guard') {
  if (mode === 'guard') await openLmdbVault(path);
  say('held');
  setInterval(() => undefined, 60_000);
} else {
  const log = await openLmdbLog({ path });
  say('opened');
  if (mode !== 'spoil') await (mode === 'fill' ? fill(log) : append(log));
  await log.close();
  if (mode === 'spoil') await spoil();
  await folder.release();
  say('closed');
}
