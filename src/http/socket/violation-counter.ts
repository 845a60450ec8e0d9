import { limits } from '../../app/limits/limits.ts';

const violationsMax = 3;

/** Counts what a client is closed for: invalid frames in a row (W14), and requests beyond its rate (W16). */
export class ViolationCounter {
  #violations = 0;
  readonly #rateLimited: number[] = [];

  recordValid(): void {
    this.#violations = 0;
  }

  /** Returns whether there have been too many in a row. */
  recordViolation(): boolean {
    return ++this.#violations >= violationsMax;
  }

  /** Returns whether there have been too many within the window. */
  recordRateLimited(now: number): boolean {
    this.#rateLimited.push(now);
    if (this.#rateLimited.length < limits.refusalsMax) return false;
    const first = this.#rateLimited.shift() ?? now;
    return now - first < limits.refusalsWindowMs;
  }
}
