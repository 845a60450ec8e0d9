import type { Position } from '../events/log.ts';
import { limits } from './limits.ts';
import { Refused } from './refusals.ts';

/** How far somebody has seen each partition of the log: what the read models must show them (W18). */
export type Seen = number[];

/** What the reader needs of the projections' runner. */
export type Applied = {
  applied(partition: number): number;
  whenApplied(position: Position, timeoutMs: number): Promise<void>;
};

/** Adds a position to what somebody has seen. */
export const see = (seen: Seen, { partition, seq }: Position): void => {
  seen[partition] = Math.max(seen[partition] ?? 0, seq);
};

/** Resolves when the read models show a position; refuses with `unavailable` when that takes too long. */
export const whenShown = async (applied: Applied, position: Position): Promise<void> => {
  if (applied.applied(position.partition) >= position.seq) return;
  await applied.whenApplied(position, limits.appliedMs).catch((cause: unknown) => {
    throw new Refused('unavailable', { retryAfter: limits.appliedMs }, cause);
  });
};

/** Resolves when the read models show all that somebody has seen. */
export const whenAllShown = async (applied: Applied, seen: Seen): Promise<void> => {
  for (const [partition, seq] of seen.entries()) {
    if (seq !== undefined) await whenShown(applied, { partition, seq });
  }
};

/** A position as the header `Oshi-Position` carries it. */
export const positionText = ({ partition, seq }: Position): string => `${partition}:${seq}`;

/** The position that a header carries; undefined if it is none of this log's. */
export const positionOf = (text: string, partitions: number): Position | undefined => {
  const parts = /^(\d{1,4}):(\d{1,16})$/.exec(text);
  const partition = Number(parts?.[1]);
  return parts && partition < partitions ? { partition, seq: Number(parts[2]) } : undefined;
};
