import { checkpointState } from '../../store/state/checkpoints.ts';
import type { ReadStore } from '../../store/store.ts';
import { checkpointIn } from '../../verification/checkpoint.ts';
import type { CheckpointStore } from '../../verification/checkpoint-store.ts';

/** The checkpoints in the collection of state `checkpoints`. */
export const storedCheckpoints = (store: ReadStore): CheckpointStore => {
  const state = checkpointState(store);
  return {
    save: (checkpoint) => state.keep(checkpoint),
    newest: async (incarnation) => {
      const row = await state.newest(incarnation);
      return row && checkpointIn(JSON.stringify(row));
    },
  };
};
