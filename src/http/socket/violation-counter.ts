import { limits } from '../../app/limits/limits.ts';

const misfitsMax = 3;

/** How much a client is borne with before it is closed: what does not fit (W14), and what it sends in spite of no (W16). */
export class ViolationCounter {
  #misfits = 0;
  readonly #refusals: number[] = [];

  /** Something fits: what did not is no row any more. */
  fits(): void {
    this.#misfits = 0;
  }

  /** Something does not fit; gives whether it is one too many in a row. */
  misfit(): boolean {
    return ++this.#misfits >= misfitsMax;
  }

  /** A client was told `rate-limited`; gives whether it has not heeded that for too long. */
  refused(now: number): boolean {
    this.#refusals.push(now);
    if (this.#refusals.length < limits.refusalsMax) return false;
    const first = this.#refusals.shift() ?? now;
    return now - first < limits.refusalsWindowMs;
  }
}
