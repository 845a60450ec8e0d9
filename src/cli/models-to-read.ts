import { allPages, type KeysetPage } from '../app/pages.ts';
import type { EventLog } from '../events/log.ts';
import { openPointers, type Pointers } from '../projections/pointers.ts';
import { collectionOf, type Projection } from '../projections/projection.ts';
import { monotonic } from '../runtime/clock.ts';
import { acquiring } from '../runtime/resources.ts';
import { sleep } from '../runtime/timers.ts';
import type { QueryReader } from '../store/document-reader.ts';
import type { Document } from '../store/documents.ts';
import type { StoreToRead } from '../store/store.ts';
import { configuredStorage } from './storage.ts';
import { openOutput } from './terminal/output.ts';

/** How long to wait for a server to apply what the log held at the start, in ms. */
const behindMsMax = 5000;
const pollMs = 50;

/** The log and the read models, for a process that only reads. */
export type ModelsToRead = {
  readonly log: EventLog;
  /** The read models by the logical names of collections. */
  readonly store: StoreToRead;
  close(): Promise<void>;
};

type Opened = {
  readonly log: EventLog;
  readonly reader: QueryReader;
  readonly pointers: Pointers;
};

/** Waits until these read models have applied all that the log holds now. */
const caughtUp = async (
  { log, reader, pointers: { of } }: Opened,
  names: readonly string[],
): Promise<void> => {
  const deadline = monotonic() + behindMsMax;
  for (let partition = 0; partition < log.info.partitions; partition++) {
    const head = await log.head(partition);
    for (const name of names) {
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
 * Opens the configured log and read models, beside a running server or alone, once these models have caught up.
 * Rejects with one line that says what to do.
 */
export const openModelsToRead = (needed: readonly Projection[]): Promise<ModelsToRead> =>
  acquiring(async (resources) => {
    const storage = await configuredStorage();
    const log = resources.add(await storage.readLog(), (it) => it.close());
    const reader = await storage.readModels();
    if (!reader) {
      throw new Error('there are no read models yet; start the server once, which creates them');
    }
    resources.add(reader, (it) => it.close());
    const pointers = await openPointers(reader);
    await caughtUp({ log, reader, pointers }, needed.map(collectionOf));
    const { of } = pointers;
    const store: StoreToRead = {
      get: (name, id) => reader.get(of(name), id),
      getMany: (name, ids) => reader.getMany(of(name), ids),
      find: (name, filter, options) => reader.find(of(name), filter, options),
    };
    return { log, store, close: () => resources.release() };
  });

/** Opens the read models for a function that prints what it reads. */
export const withModels = async (
  needed: readonly Projection[],
  read: (models: ModelsToRead) => Promise<void>,
): Promise<void> => {
  openOutput();
  const models = await openModelsToRead(needed);
  await read(models).finally(() => models.close());
};

const rowsAtOnce = 1000;

/** All rows of a read model in batches, in the order of their ids. */
export async function* allRows<Row extends Document>(
  { store }: Pick<ModelsToRead, 'store'>,
  model: Projection,
): AsyncGenerator<readonly Row[]> {
  const name = collectionOf(model);
  const page = async ({ after = '', limit }: KeysetPage) =>
    (await store.find(name, { _id: { $gt: after } }, { sort: { _id: 1 }, limit })) as Row[];
  yield* allPages(rowsAtOnce, page, ({ _id }) => _id);
}
