import type { Position } from '../../events/position.ts';

/** The next stretch of a partition: whose checkpoints stand at its beginning, and how far they go alone. */
export type Plan = {
  readonly partition: number;
  /** The smallest checkpoint: everything up to here is applied in every projection. */
  readonly from: number;
  /** The next checkpoint, where other projections join; infinite if all stand at the same place. */
  readonly until: number;
  /** The physical names of the projections that stand at `from`. */
  readonly active: ReadonlySet<string>;
};

/** The course that the checkpoints prescribe: those who are behind go alone until they meet the others. */
export const planOf = (partition: number, checkpoints: ReadonlyMap<string, number>): Plan => {
  const places = [...checkpoints.values()];
  const from = Math.min(...places);
  const until = Math.min(...places.filter((place) => place > from));
  const active = new Set([...checkpoints].filter(([, at]) => at === from).map(([name]) => name));
  return { partition, from, until, active };
};

/** Throws if a checkpoint is past the end of the log: the read models were built from another log. */
export const checkWithinLog = ({ partition, seq }: Position, head: number): void => {
  if (seq <= head) return;
  throw new Error(
    `the read models are at position ${seq} of partition ${partition}, but the log ends at ${head}: ` +
      'it is another log, or was restored; drop the read models, they are rebuilt from it',
  );
};
