import type { Position } from '../events/log.ts';
import { limits } from './limits/limits.ts';
import { withinMs } from './limits/within-ms.ts';
import { Refused } from './refusals.ts';

/** How far somebody has seen each partition of the log: what the read models must show them (W18). */
export type SeenPositions = number[];

/** What the barrier needs of the projections' runner. */
export type Applied = {
  applied(partition: number): number;
  whenApplied(position: Position, timeoutMs: number): Promise<void>;
};

const add = (seen: SeenPositions, { partition, seq }: Position): void => {
  seen[partition] = Math.max(seen[partition] ?? 0, seq);
};

/**
 * Makes the read models show what has been answered before (W18). What a session has seen is waited for, or the
 * request is refused; what others were answered on this node is waited for a little while only, so that read
 * models that have fallen behind do not keep people from reading.
 */
export class ReadBarrier {
  readonly #runner: Applied;
  readonly #isAway: () => boolean;
  readonly #answered: SeenPositions = [];

  /** `isAway`: whether the store of the read models is known to be away, so that nothing is worth waiting for. */
  constructor(runner: Applied, isAway: () => boolean = () => false) {
    this.#runner = runner;
    this.#isAway = isAway;
  }

  /** Up to where a partition is applied. */
  applied(partition: number): number {
    return this.#runner.applied(partition);
  }

  /** A session is told of something at a position. */
  recordAnswered(seen: SeenPositions, position: Position): void {
    add(seen, position);
    add(this.#answered, position);
  }

  /** Resolves when the read models show a position; refuses with `unavailable` when that takes too long. */
  async waitUntilApplied(position: Position): Promise<void> {
    if (this.applied(position.partition) >= position.seq) return;
    if (this.#isAway()) throw new Refused('unavailable', { retryAfter: limits.appliedMs });
    await this.#runner.whenApplied(position, limits.appliedMs).catch((cause: unknown) => {
      throw new Refused('unavailable', { retryAfter: limits.appliedMs }, cause);
    });
  }

  /** Resolves when a session may read. */
  async waitForSession(seen: SeenPositions): Promise<void> {
    for (const [partition, seq] of seen.entries()) {
      if (seq !== undefined) await this.waitUntilApplied({ partition, seq });
    }
    for (const [partition, seq] of this.#answered.entries()) {
      if (seq === undefined || this.applied(partition) >= seq || this.#isAway()) continue;
      const position = { partition, seq };
      await this.#runner.whenApplied(position, limits.othersMs).catch(() => undefined);
    }
  }
}

/**
 * Waits until the read models show all that the log held when this server started: what they show before that may
 * have been over long ago. Refuses with `unavailable` when that takes too long.
 */
export const waitingUntilCaughtUp = (runner: {
  caughtUp(): Promise<void>;
}): (() => Promise<void>) => {
  let isDone = false;
  let asked: Promise<void> | undefined;
  const ask = (): Promise<void> => {
    asked ??= runner.caughtUp().finally(() => {
      asked = undefined;
    });
    return asked.then(() => {
      isDone = true;
    });
  };
  return async () => {
    if (isDone) return;
    await withinMs(ask(), limits.appliedMs);
  };
};

/** A position as the header `Oshi-Position` carries it. */
export const positionText = ({ partition, seq }: Position): string => `${partition}:${seq}`;

/** The position that a header carries; undefined if it is none of this log's. */
export const positionOf = (text: string, partitions: number): Position | undefined => {
  const parts = /^(\d{1,4}):(\d{1,16})$/.exec(text);
  const partition = Number(parts?.[1]);
  return parts && partition < partitions ? { partition, seq: Number(parts[2]) } : undefined;
};
