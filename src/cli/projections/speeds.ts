import type { ProjectionStatus } from '../../projections/status.ts';
import { keyOf } from './table.ts';

/** The period over which a speed is measured, in ms. */
const windowMs = 10_000;

type Sample = { readonly at: number; readonly applied: number };

/** The speeds of projections, by recent samples. */
export class Speeds {
  readonly #samples = new Map<string, Sample[]>();

  /** Records a status at a time, in ms of a monotonic clock. */
  record(status: ProjectionStatus, at: number): void {
    const applied = status.applied.reduce((sum, place) => sum + place, 0);
    const key = keyOf(status);
    const before = this.#samples.get(key) ?? [];
    const first = before[0];
    // A dropped projection starts at 0 again.
    const kept = first && first.applied > applied ? [] : before;
    this.#samples.set(key, [...kept.filter((each) => at - each.at <= windowMs), { at, applied }]);
  }

  /** Positions per second; undefined while unknown. */
  of(status: ProjectionStatus): number | undefined {
    const samples = this.#samples.get(keyOf(status)) ?? [];
    const [first, last] = [samples[0], samples.at(-1)];
    if (!(first && last) || first.at === last.at) return undefined;
    return ((last.applied - first.applied) / (last.at - first.at)) * 1000;
  }
}
