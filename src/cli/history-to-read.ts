import type { EventLog } from '../events/log.ts';
import { circleQueries, circles } from '../projections/models/circles.ts';
import { editQueries, edits } from '../projections/models/edits.ts';
import { messageQueries, messages } from '../projections/models/messages.ts';
import { streamQueries, streams } from '../projections/models/streams.ts';
import { trail } from '../projections/models/trail.ts';
import { trailQueries } from '../projections/models/trail-queries.ts';
import { userQueries, users } from '../projections/models/users.ts';
import { openPointers, type Pointers } from '../projections/pointers.ts';
import { collectionOf } from '../projections/projection.ts';
import { monotonic } from '../runtime/clock.ts';
import { acquiring } from '../runtime/resources.ts';
import { sleep } from '../runtime/timers.ts';
import type { QueryReader } from '../store/document-reader.ts';
import type { StoreToRead } from '../store/store.ts';
import { configuredStorage } from './storage.ts';

const needed = [trail, messages, edits, users, circles, streams].map(collectionOf);

/** How long to wait for a server to apply what the log held at the start, in ms. */
const behindMsMax = 5000;
const pollMs = 50;

const modelsOf = (store: StoreToRead) => ({
  trail: trailQueries(store),
  messages: messageQueries(store),
  edits: editQueries(store),
  users: userQueries(store),
  circles: circleQueries(store),
  streams: streamQueries(store),
});

/** The log and the read models of its history, for a process that only reads. */
export type HistoryToRead = {
  readonly log: EventLog;
  readonly models: ReturnType<typeof modelsOf>;
  /** The read models by the logical names of collections. */
  readonly store: StoreToRead;
  close(): Promise<void>;
};

/** Waits until the read models have applied all that the log holds now. */
const caughtUp = async (log: EventLog, reader: QueryReader, { of }: Pointers): Promise<void> => {
  const deadline = monotonic() + behindMsMax;
  for (let partition = 0; partition < log.info.partitions; partition++) {
    const head = await log.head(partition);
    for (const name of needed) {
      while ((await reader.checkpoint(of(name), partition)) < head) {
        if (monotonic() > deadline) {
          throw new Error(
            `the read model ${name} is behind the log; start the server, and wait until oshi projections shows it as live`,
          );
        }
        await sleep(pollMs);
      }
    }
  }
};

/**
 * Opens the configured log and read models, beside a running server or alone, once the models have caught up. Rejects
 * with one line that says what to do.
 */
export const openHistoryToRead = (): Promise<HistoryToRead> =>
  acquiring(async (resources) => {
    const storage = await configuredStorage();
    const log = resources.add(await storage.readLog(), (it) => it.close());
    const reader = await storage.readModels();
    if (!reader) {
      throw new Error('there are no read models yet; start the server once, which creates them');
    }
    resources.add(reader, (it) => it.close());
    const pointers = await openPointers(reader);
    await caughtUp(log, reader, pointers);
    const { of } = pointers;
    const store: StoreToRead = {
      get: (name, id) => reader.get(of(name), id),
      getMany: (name, ids) => reader.getMany(of(name), ids),
      find: (name, filter, options) => reader.find(of(name), filter, options),
    };
    return { log, models: modelsOf(store), store, close: () => resources.release() };
  });
