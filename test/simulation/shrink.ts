import { type Outcome, outcomeOf } from './outcome.ts';
import type { Past } from './past.ts';
import type { Schedule } from './schedule.ts';

const triesMax = 300;

/** A schedule that breaks the same promise with fewer actions, and the indices of those in the original one. */
export type Shrunk = { readonly schedule: Schedule; readonly kept: readonly number[] };

/** The schedule with some of its actions. */
export const keeping = (schedule: Schedule, kept: readonly number[]): Schedule => ({
  ...schedule,
  actions: kept.flatMap((index) => schedule.actions[index] ?? []),
});

/** Leaves out actions, half of them first and single ones in the end, while the same promise is broken. */
export const shrink = async (
  past: Past,
  schedule: Schedule,
  { violation }: Pick<Outcome, 'violation'>,
): Promise<Shrunk> => {
  let kept = schedule.actions.map((_, index) => index);
  let tries = 0;
  const isBroken = async (indices: readonly number[]): Promise<boolean> => {
    tries++;
    const outcome = await outcomeOf(past, keeping(schedule, indices));
    return outcome.violation?.promise === violation?.promise;
  };
  for (let size = Math.ceil(kept.length / 2); size >= 1 && tries < triesMax; ) {
    let isSmaller = false;
    for (let at = 0; at < kept.length && tries < triesMax; ) {
      const fewer = kept.filter((_, index) => index < at || index >= at + size);
      if (await isBroken(fewer)) {
        kept = fewer;
        isSmaller = true;
      } else {
        at += size;
      }
    }
    if (size === 1 && !isSmaller) break;
    size = isSmaller ? size : Math.floor(size / 2);
    if (size > kept.length) size = Math.ceil(kept.length / 2);
  }
  return { schedule: keeping(schedule, kept), kept };
};
