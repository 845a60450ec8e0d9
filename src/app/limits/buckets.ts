import { Latest } from './latest.ts';
import { limits } from './limits.ts';

type Bucket = { readonly level: number; readonly at: number };

export type BucketOptions = {
  /** How many may be taken at once. */
  readonly burst: number;
  /** How long it takes until one more may be taken, in ms. */
  readonly everyMs: number;
  readonly now: () => number;
  /** Buckets that are kept at most; beyond, the one used longest ago is full again. */
  readonly keysMax?: number;
};

/** The level is a sum of fractions: who waited exactly as long as was said must find one. */
const whole = 1 - 1e-9;

/** A token bucket per key. A key that has not been seen lately has a full one, so nothing is kept for it. */
export class Buckets {
  readonly #options: BucketOptions;
  readonly #buckets: Latest<Bucket>;

  constructor(options: BucketOptions) {
    this.#options = options;
    this.#buckets = new Latest(options.keysMax ?? limits.ratesMax);
  }

  /** How many ms to wait until there is one; takes nothing. */
  wait(key: string): number {
    return this.#waitFor(this.#now(key));
  }

  /** Takes one: 0 if there was one, else how many ms to wait for it. */
  take(key: string): number {
    const bucket = this.#now(key);
    const wait = this.#waitFor(bucket);
    const level = wait === 0 ? Math.max(0, bucket.level - 1) : bucket.level;
    this.#buckets.set(key, { ...bucket, level });
    return wait;
  }

  #now(key: string): Bucket {
    const { burst, everyMs, now } = this.#options;
    const at = now();
    const known = this.#buckets.get(key) ?? { level: burst, at };
    const filled = Math.max(0, at - known.at) / everyMs;
    return { level: Math.min(burst, known.level + filled), at };
  }

  #waitFor({ level }: Bucket): number {
    return level >= whole ? 0 : Math.ceil((1 - level) * this.#options.everyMs);
  }
}
