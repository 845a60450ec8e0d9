import { Latest } from './latest.ts';
import { limits } from './limits.ts';

type Bucket = { readonly level: number; readonly at: number };

export type BucketOptions = {
  /** The capacity of a bucket. */
  readonly burst: number;
  /** The ms until one more is added. */
  readonly everyMs: number;
  readonly now: () => number;
  /** The maximum number of buckets; beyond it, the least recently used is full again. */
  readonly keysMax?: number;
};

/** Levels are sums of fractions: a client that waited exactly the reported time must find one. */
const whole = 1 - 1e-9;

/** A token bucket per key. Keys that were not used recently have a full one, so nothing is kept for them. */
export class Buckets {
  readonly #options: BucketOptions;
  readonly #buckets: Latest<Bucket>;

  constructor(options: BucketOptions) {
    this.#options = options;
    this.#buckets = new Latest(options.keysMax ?? limits.ratesMax);
  }

  /** The ms until there is one; takes nothing. */
  wait(key: string): number {
    return this.#waitFor(this.#now(key));
  }

  /** Takes one; returns 0, or the ms to wait if there was none. */
  take(key: string): number {
    const bucket = this.#now(key);
    const wait = this.#waitFor(bucket);
    const level = wait === 0 ? Math.max(0, bucket.level - 1) : bucket.level;
    this.#buckets.set(key, { ...bucket, level });
    return wait;
  }

  /**
   * Subtracts what was taken elsewhere at the same time, also if less is left, which delays the next one: down to one
   * burst less than nothing. Negative: adds what was given back.
   */
  subtract(key: string, count: number): void {
    const { burst } = this.#options;
    const { level, at } = this.#now(key);
    const left = Math.max(-burst, Math.min(burst, level - count));
    this.#buckets.set(key, { level: left, at });
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
