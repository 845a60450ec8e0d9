import { checkpoints } from '../../store/state/checkpoints.ts';
import type { ReadStore } from '../../store/store.ts';
import { checkpointIn } from '../../verification/checkpoint.ts';
import type { CheckpointStore } from '../../verification/checkpoint-store.ts';

const idOf = (incarnation: string, at: number): string =>
  `${incarnation}/${String(at).padStart(15, '0')}`;

/** The checkpoints in the collection of state `checkpoints`. */
export const storedCheckpoints = (store: ReadStore): CheckpointStore => ({
  save: ({ incarnation, at, ...rest }) =>
    store.put(checkpoints.name, { _id: idOf(incarnation, at), incarnation, at, ...rest }),
  newest: async (incarnation) => {
    const filter = { _id: { $gt: idOf(incarnation, 0), $lt: `${incarnation}0` } };
    const [row] = await store.find(checkpoints.name, filter, { sort: { _id: -1 }, limit: 1 });
    return row && checkpointIn(JSON.stringify(row));
  },
});
