import type { ProjectionStatus } from '../../projections/status.ts';
import { keyOf } from './table.ts';

/** Over how long a speed is measured, in ms. */
const windowMs = 10_000;

type Sample = { readonly at: number; readonly applied: number };

/** How fast projections come on, by what was seen of them. */
export class Speeds {
  readonly #samples = new Map<string, Sample[]>();

  /** Takes a projection as it stands at a time, in ms of any clock that does not go back. */
  note(standing: ProjectionStatus, at: number): void {
    const applied = standing.applied.reduce((sum, place) => sum + place, 0);
    const key = keyOf(standing);
    const before = this.#samples.get(key) ?? [];
    const first = before[0];
    // One that was dropped begins at 0 again.
    const kept = first && first.applied > applied ? [] : before;
    this.#samples.set(key, [...kept.filter((each) => at - each.at <= windowMs), { at, applied }]);
  }

  /** Places a second; undefined while nothing is known. */
  of(standing: ProjectionStatus): number | undefined {
    const samples = this.#samples.get(keyOf(standing)) ?? [];
    const [first, last] = [samples[0], samples.at(-1)];
    if (!(first && last) || first.at === last.at) return undefined;
    return ((last.applied - first.applied) / (last.at - first.at)) * 1000;
  }
}
