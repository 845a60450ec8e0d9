import type { Position } from '../../events/position.ts';

/** The next range of a partition: which projections have their checkpoint at its start, and how far they go alone. */
export type Plan = {
  readonly partition: number;
  /** The smallest checkpoint: everything up to here is applied in every projection. */
  readonly from: number;
  /** The next checkpoint, where other projections join; infinite if all are at the same position. */
  readonly until: number;
  /** The physical names of the projections whose checkpoint is `from`. */
  readonly active: ReadonlySet<string>;
};

/** The plan for these checkpoints: projections that are behind go alone until they reach the others. */
export const planOf = (partition: number, checkpoints: ReadonlyMap<string, number>): Plan => {
  const positions = [...checkpoints.values()];
  const from = Math.min(...positions);
  const until = Math.min(...positions.filter((seq) => seq > from));
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
