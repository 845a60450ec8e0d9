import { type Collection, type Db, MongoServerError } from 'mongodb';
import { type Batch, CheckpointMoved } from '../store.ts';
import { durable } from './durability.ts';
import { duplicateKey } from './failure.ts';

type Checkpoint = {
  /** `<projection>/<partition>` */
  readonly _id: string;
  readonly projection: string;
  readonly partition: number;
  readonly place: number;
};

/** How far a projection has come in a partition; 0 at the beginning. */
export const checkpointOf = async (
  database: Db,
  projection: string,
  partition: number,
): Promise<number> => {
  const found = await checkpointsIn(database).findOne({ _id: `${projection}/${partition}` });
  return found?.place ?? 0;
};

/** Throws `CheckpointMoved` if a checkpoint is not where the batch begins, which spares useless writes. */
export const checkCheckpoints = async (database: Db, batch: Batch): Promise<void> => {
  const ids = batch.projections.map((projection) => `${projection}/${batch.partition}`);
  const found = await checkpointsIn(database)
    .find({ _id: { $in: ids } })
    .toArray();
  const places = new Map(found.map(({ _id, place }) => [_id, place]));
  for (const id of ids) {
    const place = places.get(id) ?? 0;
    if (place !== batch.from) throw moved(id, place, batch);
  }
};

/** Moves the checkpoints from where the batch begins to where it ends, or throws `CheckpointMoved`. */
export const moveCheckpoints = async (database: Db, batch: Batch): Promise<void> => {
  await Promise.all(batch.projections.map((projection) => moveOne(database, projection, batch)));
};

/** Forgets the checkpoints of a projection. */
export const dropCheckpoints = async (database: Db, projection: string): Promise<void> => {
  await checkpointsIn(database).deleteMany({ projection });
};

const checkpointsIn = (database: Db): Collection<Checkpoint> =>
  database.collection<Checkpoint>('_checkpoints', durable);

const moveOne = async (database: Db, projection: string, batch: Batch): Promise<void> => {
  const { partition, from, to } = batch;
  const checkpoints = checkpointsIn(database);
  const _id = `${projection}/${partition}`;
  const { matchedCount } = await checkpoints.updateOne(
    { _id, place: from },
    { $set: { place: to } },
  );
  if (matchedCount === 1) return;
  try {
    if (from !== 0) throw moved(_id, await checkpointOf(database, projection, partition), batch);
    await checkpoints.insertOne({ _id, projection, partition, place: to });
  } catch (error) {
    if (!(error instanceof MongoServerError && error.code === duplicateKey)) throw error;
    throw moved(_id, await checkpointOf(database, projection, partition), batch);
  }
};

const moved = (id: string, place: number, { from }: Batch): CheckpointMoved =>
  new CheckpointMoved(`the checkpoint ${id} is at ${place}, not ${from}: another runner goes on`);
