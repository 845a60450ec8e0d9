import type { Update } from '../../store/documents.ts';
import { type Origin, originOf, origins } from '../../store/origins.ts';
import type { ReadStore } from '../../store/store.ts';
import { noteBuilding } from '../binding.ts';
import type { Pointers } from '../pointers.ts';
import { collectionOf, type Projection } from '../projection.ts';
import type { Filling } from '../runner/translation.ts';
import { lagMax } from './building.ts';

/** A model that is built from the log, and the earlier version that is read meanwhile, if its documents can be. */
export type Build = Filling & { readonly standIn?: Filling };

/** Which models are followed and read from the start, and which are built beside them. */
export type ModelPlan = { readonly serving: readonly Filling[]; readonly builds: readonly Build[] };

export type PlanOptions = {
  readonly store: Pick<ReadStore, 'checkpoint' | 'get'>;
  readonly log: { readonly incarnation: string; readonly partitions: number };
  readonly projections: readonly Projection[];
  readonly pointers: Pick<Pointers, 'of'>;
};

type Placed = Filling & { readonly seq: number };

/**
 * Plans by the stored checkpoints: a model that is more than `lagMax` commits behind the foremost one, such as one of
 * a raised version or one that had failed, is built beside the others, so that they need not wait for it. If all are
 * as far as each other, they catch up together.
 */
export const planModels = async (options: PlanOptions): Promise<ModelPlan> => {
  const placed = await Promise.all(
    options.projections.map(async (projection) => ({
      own: await placedAt(options, projection),
      standIn: await standInOf(options, projection),
    })),
  );
  const front = Math.max(...placed.map(({ own, standIn }) => Math.max(own.seq, standIn?.seq ?? 0)));
  const isBehind = ({ seq }: Placed): boolean => front - seq > lagMax;
  const serving: Filling[] = [];
  const builds: Build[] = [];
  for (const { own, standIn } of placed) {
    const isServed = standIn !== undefined && !isBehind(standIn);
    if (!isBehind(own)) serving.push(own);
    else if (!isServed) builds.push(own);
    else {
      serving.push(standIn);
      builds.push({ ...own, standIn });
    }
  }
  return { serving, builds };
};

const placedAt = async (
  { store, log, pointers }: PlanOptions,
  projection: Projection,
): Promise<Placed> => {
  const collection = pointers.of(collectionOf(projection));
  let seq = 0;
  for (let partition = 0; partition < log.partitions; partition++) {
    seq += await store.checkpoint(collection, partition);
  }
  return { projection, collection, seq };
};

const standInOf = async (
  options: PlanOptions,
  { earlier }: Projection,
): Promise<Placed | undefined> => {
  if (!earlier) return undefined;
  const origin = await originOf(options.store, collectionOf(earlier));
  return origin === options.log.incarnation ? placedAt(options, earlier) : undefined;
};

const change = async (store: ReadStore, { projection }: Build, update: Update): Promise<void> => {
  await store.update(origins.name, collectionOf(projection), update);
};

/** Records that a model is being filled, so that no other process rebuilds it meanwhile. */
export const noteFilling = (store: ReadStore, build: Build): Promise<void> =>
  change(store, build, { $set: { building: true }, $unset: { filled: '' } });

/** Records that a node reads a model. */
export const noteTaken = (store: ReadStore, build: Build): Promise<void> =>
  change(store, build, { $unset: { building: '' } });

/** Records that a model was filled up to the end of the log, so that every node takes it over. */
export const noteFilled = (store: ReadStore, build: Build): Promise<void> =>
  change(store, build, { $set: { filled: true } });

export const isFilled = async (store: ReadStore, { projection }: Build): Promise<boolean> => {
  const row = (await store.get(origins.name, collectionOf(projection))) as Origin | undefined;
  return row?.filled ?? false;
};

/** Records that these models are being filled, and no others, as a node that has ended may have left it. */
export const noteBuilds = (store: ReadStore, builds: Iterable<Build>): Promise<void> =>
  noteBuilding(store, new Set([...builds].map(({ projection }) => collectionOf(projection))));
