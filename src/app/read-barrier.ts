import type { Position } from '../events/position.ts';
import type { Runner } from '../projections/runner/following.ts';
import { limits } from './limits/limits.ts';
import { withinMs } from './limits/within-ms.ts';
import { Refused } from './refusals.ts';

/**
 * The position that a session has seen in each partition, which the read models must have applied before it reads
 * (W18).
 */
export type SeenPositions = number[];

export type ReadBarrierOptions = {
  readonly runner: Pick<Runner, 'applied' | 'whenApplied'>;
  /** Whether the read models are known to be unavailable, so that there is no point in waiting; default: never. */
  readonly isAway?: () => boolean;
  /** By partition, the newest position that has arrived here, also from other nodes; default: none. */
  readonly arrived?: () => readonly number[];
};

const positionsIn = (seen: readonly (number | undefined)[]): Position[] =>
  [...seen.entries()].flatMap(([partition, seq]) => (seq === undefined ? [] : { partition, seq }));

const add = (seen: SeenPositions, { partition, seq }: Position): void => {
  seen[partition] = Math.max(seen[partition] ?? 0, seq);
};

/**
 * Makes reads wait until the read models have applied what was answered before (W18). A session waits for what it has
 * seen itself, or is refused. For what others were answered, on this node or, as far as it has arrived, on others, it
 * waits only briefly, so that read models that have fallen behind do not block reads.
 */
export class ReadBarrier {
  readonly #runner: ReadBarrierOptions['runner'];
  readonly #isAway: () => boolean;
  readonly #arrived: () => readonly number[];
  readonly #answered: SeenPositions = [];

  constructor({ runner, isAway = () => false, arrived = () => [] }: ReadBarrierOptions) {
    this.#runner = runner;
    this.#isAway = isAway;
    this.#arrived = arrived;
  }

  /** The position up to which a partition is applied. */
  applied(partition: number): number {
    return this.#runner.applied(partition);
  }

  /** Records that a session was answered with a position. */
  recordAnswered(seen: SeenPositions, position: Position): void {
    add(seen, position);
    add(this.#answered, position);
  }

  /** Resolves when a position is applied; refuses with `unavailable` if it is not in time. */
  async waitUntilApplied(position: Position): Promise<void> {
    if (this.applied(position.partition) >= position.seq) return;
    if (this.#isAway()) throw new Refused('unavailable', { retryAfter: limits.appliedMs });
    await this.#runner.whenApplied(position, limits.appliedMs).catch((cause: unknown) => {
      throw new Refused('unavailable', { retryAfter: limits.appliedMs }, cause);
    });
  }

  /** Resolves when the session may read. */
  async waitForSession(seen: SeenPositions): Promise<void> {
    await Promise.all(positionsIn(seen).map((position) => this.waitUntilApplied(position)));
    for (const position of positionsIn(this.#arrived())) add(this.#answered, position);
    const isLate = ({ partition, seq }: Position): boolean => this.applied(partition) < seq;
    const late = this.#isAway() ? [] : positionsIn(this.#answered).filter(isLate);
    await Promise.all(
      late.map((position) =>
        this.#runner.whenApplied(position, limits.othersMs).catch(() => undefined),
      ),
    );
  }
}

/**
 * Waits until the read models have applied all that the log held when this server started: before that they may be
 * arbitrarily old. Refuses with `unavailable` if they have not in time.
 */
export const waitingUntilCaughtUp = (runner: Pick<Runner, 'caughtUp'>): (() => Promise<void>) => {
  let caughtUp: Promise<void> | undefined;
  return () => {
    caughtUp ??= runner.caughtUp().catch((error: unknown) => {
      caughtUp = undefined;
      throw error;
    });
    return withinMs(caughtUp, limits.appliedMs);
  };
};
