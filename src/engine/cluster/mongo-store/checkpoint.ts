import { type Collection, type CollectionOptions, type Db, MongoServerError } from 'mongodb';
import { nextIteration } from '../../../runtime/timers.ts';
import { type Batch, CheckpointMoved, type ReadStore } from '../../../store/store.ts';
import { duplicateKey } from './failure.ts';

type Checkpoint = {
  /** `<projection>/<partition>` */
  readonly _id: string;
  readonly projection: string;
  readonly partition: number;
  readonly place: number;
};

const idOf = (projection: string, partition: number): string => `${projection}/${partition}`;

/** The places of these checkpoints, without those that do not exist yet. */
const placesOf = async (
  database: Db,
  ids: readonly string[],
): Promise<ReadonlyMap<string, number>> => {
  const found = await checkpointsIn(database)
    .find({ _id: { $in: [...ids] } })
    .toArray();
  return new Map(found.map(({ _id, place }) => [_id, place]));
};

/**
 * Reads the checkpoint of a projection in a partition; 0 at the beginning. One command reads all that are requested at
 * about the same time: a start requests one of each projection in each partition.
 */
export const checkpointReader = (database: Db): ReadStore['checkpoint'] => {
  let requested: string[] = [];
  let places: Promise<ReadonlyMap<string, number>> | undefined;
  const readRequested = async (): Promise<ReadonlyMap<string, number>> => {
    await nextIteration();
    const ids = requested;
    requested = [];
    places = undefined;
    return placesOf(database, ids);
  };
  return async (projection, partition) => {
    const id = idOf(projection, partition);
    requested.push(id);
    places ??= readRequested();
    return (await places).get(id) ?? 0;
  };
};

/** Throws `CheckpointMoved` if a checkpoint is not where the batch starts, which saves useless writes. */
export const checkCheckpoints = async (database: Db, batch: Batch): Promise<void> => {
  const ids = batch.projections.map((projection) => idOf(projection, batch.partition));
  const places = await placesOf(database, ids);
  for (const id of ids) {
    const place = places.get(id) ?? 0;
    if (place !== batch.from) throw moved(id, place, batch);
  }
};

/**
 * Moves the checkpoints from the start of the batch to its end, or throws `CheckpointMoved`. One command for all of
 * them, since each waits for the disk.
 */
export const moveCheckpoints = async (database: Db, batch: Batch): Promise<void> => {
  const { projections, from, to, partition } = batch;
  if (from === 0) {
    await Promise.all(projections.map((projection) => beginOne(database, projection, batch)));
    return;
  }
  const ids = projections.map((projection) => idOf(projection, partition));
  const { matchedCount } = await checkpointsIn(database).updateMany(
    { _id: { $in: ids }, place: from },
    { $set: { place: to } },
  );
  if (matchedCount === ids.length) return;
  await checkCheckpoints(database, { ...batch, from: to });
  throw new CheckpointMoved(
    `the checkpoints of partition ${partition} were moved by another runner`,
  );
};

export const dropCheckpoints = async (database: Db, projection: string): Promise<void> => {
  await checkpointsIn(database).deleteMany({ projection });
};

const checkpointsIn = (database: Db): Collection<Checkpoint> =>
  database.collection<Checkpoint>('_checkpoints', durable);

/** Moves a checkpoint that may not exist yet. */
const beginOne = async (database: Db, projection: string, batch: Batch): Promise<void> => {
  const { partition, to } = batch;
  const _id = idOf(projection, partition);
  try {
    const options = { upsert: true };
    await checkpointsIn(database).updateOne(
      { _id, place: 0 },
      { $set: { place: to }, $setOnInsert: { projection, partition } },
      options,
    );
  } catch (error) {
    if (!(error instanceof MongoServerError && error.code === duplicateKey)) throw error;
    throw moved(_id, (await placesOf(database, [_id])).get(_id) ?? 0, batch);
  }
};

const moved = (id: string, place: number, { from }: Batch): CheckpointMoved =>
  new CheckpointMoved(
    `the checkpoint ${id} is at ${place}, not ${from}: another runner has moved it`,
  );

/**
 * How batches are written and read: acknowledged by the disks of a majority, and nothing counts as applied that a
 * failover could roll back. Otherwise a checkpoint could outlive the documents before it.
 */
export const durable: CollectionOptions = {
  writeConcern: { w: 'majority', journal: true },
  readConcern: { level: 'majority' },
  readPreference: 'primary',
};
