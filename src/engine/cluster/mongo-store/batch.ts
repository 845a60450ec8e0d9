import { type AnyBulkWriteOperation, type Collection, type Db, MongoBulkWriteError } from 'mongodb';
import { chance } from '../../../runtime/random.ts';
import { sleep } from '../../../runtime/timers.ts';
import { type Folded, foldWrites, writesByDocument } from '../../../store/fold.ts';
import { type Batch, type PlacedWrite, StoreUnavailable } from '../../../store/store.ts';
import { checkCheckpoints, durable, moveCheckpoints } from './checkpoint.ts';
import type { Codecs } from './codecs.ts';
import type { Codec } from './dates.ts';
import { duplicateKey } from './failure.ts';
import { foldedOf, replacementOf, type Stored } from './record.ts';

/** Attempts for documents that other writers keep changing; each failed attempt is a success of another writer. */
const attemptsMax = 30;

/** The pause before each attempt grows by this much at most, in ms. */
const pauseMs = 4;

/**
 * Applies a batch, then moves its checkpoints. Exactly once without transactions:
 *
 * Each document is changed by one write that contains the outcome of all the batch's writes to it together with the
 * key of the last of them, on the condition that it has not changed since it was read. So a document's content and
 * its key never part, whatever crashes when; and since writes at or below its key are left out when the batch is
 * folded, it does not matter how often, in which parts or by how many runners events are applied. A writer that loses
 * a race reads again.
 *
 * The checkpoint is written after the documents are durable, so after a crash it is behind them or equal. A deleted
 * document leaves its key behind (see `goneField`), so it does not come back in between either.
 */
export const applyBatch = async (
  { database, codecs }: { readonly database: Db; readonly codecs: Codecs },
  batch: Batch,
): Promise<void> => {
  await checkCheckpoints(database, batch);
  const collections = [...writesByDocument(batch.writes)];
  await Promise.all(
    collections.map(async ([name, documents]) => {
      const collection = database.collection<Stored>(name, durable);
      await applyTo({ collection, codec: await codecs.of(name) }, documents, batch.partition);
    }),
  );
  await moveCheckpoints(database, batch);
};

type WritesById = ReadonlyMap<string, readonly PlacedWrite[]>;

type Target = { readonly collection: Collection<Stored>; readonly codec: Codec };

const applyTo = async (target: Target, documents: WritesById, partition: number): Promise<void> => {
  const { collection, codec } = target;
  let pending = documents;
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    const known = await readStored(target, attempt === 0 ? notNew(pending) : [...pending.keys()]);
    const operations = new Map<string, AnyBulkWriteOperation<Stored>>();
    for (const [id, writes] of pending) {
      const before = known.get(id);
      const folded = foldWrites(foldedOf(before), writes, partition);
      if (folded && matters(before, folded, writes)) {
        operations.set(id, replacementOf({ id, before, codec }, folded));
      }
    }
    const failed = await writeAll(collection, operations);
    if (failed.length === 0) return;
    pending = new Map(failed.map((id) => [id, documents.get(id) ?? []]));
    if (attempt > 0) await sleep(chance() * attempt * pauseMs);
  }
  throw new StoreUnavailable(
    `${pending.size} documents of ${collection.collectionName} are changed too fast by others`,
  );
};

/** Whether there is something to write: nothing is left where there was no document and no delete. */
const matters = (before: Stored | undefined, folded: Folded, writes: readonly PlacedWrite[]) =>
  before !== undefined || folded.document !== undefined || writes.some(isDelete);

const isDelete = ({ write }: PlacedWrite): boolean => 'deleteOne' in write;

/**
 * The documents that have to be read. A document whose first write is an insert is assumed to be new, as it nearly
 * always is: if it exists, its insert fails, and it is read at the next attempt.
 */
const notNew = (documents: WritesById): string[] =>
  [...documents]
    .filter(([, writes]) => !(writes[0] && 'insertOne' in writes[0].write) || writes.some(isDelete))
    .map(([id]) => id);

const readStored = async (
  { collection, codec }: Target,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Stored>> => {
  if (ids.length === 0) return new Map();
  const found = collection.find({ _id: { $in: [...ids] } });
  const stored = await found.map(codec.decode).toArray();
  return new Map(stored.map((document) => [document._id, document]));
};

/**
 * Executes the writes, in any order; returns the ids of those that may have failed because another writer was faster.
 */
const writeAll = async (
  collection: Collection<Stored>,
  operations: ReadonlyMap<string, AnyBulkWriteOperation<Stored>>,
): Promise<readonly string[]> => {
  if (operations.size === 0) return [];
  const changes = [...operations].filter(([, operation]) => !('insertOne' in operation));
  const ids = [...operations.keys()];
  let refused: string[] = [];
  let matched: number;
  try {
    const result = await collection.bulkWrite([...operations.values()], { ordered: false });
    matched = result.matchedCount;
  } catch (error) {
    if (!(error instanceof MongoBulkWriteError)) throw error;
    const duplicates = duplicatesOf(error);
    if (!duplicates) throw error;
    refused = duplicates.flatMap((at) => ids[at] ?? []);
    matched = error.result.matchedCount;
  }
  return matched === changes.length ? refused : [...refused, ...changes.map(([id]) => id)];
};

/** The operations that met a document of the same `_id`, if nothing else failed. */
const duplicatesOf = (error: MongoBulkWriteError): number[] | undefined => {
  const errors = [error.writeErrors].flat();
  if (errors.length === 0 || error.result.getWriteConcernError()) return undefined;
  return errors.every(({ code }) => code === duplicateKey)
    ? errors.map(({ index }) => index)
    : undefined;
};
