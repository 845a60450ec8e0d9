type Bucket = { level: number; at: number };

export type BucketOptions = {
  /** How many may be taken at once. */
  readonly burst: number;
  /** How long it takes until one more may be taken, in ms. */
  readonly everyMs: number;
  readonly now: () => number;
};

const keysMax = 100_000;
/** The level is a sum of fractions: who waited exactly as long as was said must find one. */
const whole = 1 - 1e-9;

/** A token bucket per key. A key that has not been seen lately has a full one, so nothing is kept for it. */
export class Buckets {
  readonly #options: BucketOptions;
  readonly #buckets = new Map<string, Bucket>();

  constructor(options: BucketOptions) {
    this.#options = options;
  }

  /** Takes one: 0 if there was one, else how many ms to wait for it. */
  take(key: string): number {
    const { burst, everyMs, now } = this.#options;
    const at = now();
    const bucket = this.#buckets.get(key) ?? { level: burst, at };
    bucket.level = Math.min(burst, bucket.level + Math.max(0, at - bucket.at) / everyMs);
    bucket.at = at;
    if (!this.#buckets.has(key)) this.#makeRoom();
    this.#buckets.set(key, bucket);
    if (bucket.level >= whole) {
      bucket.level = Math.max(0, bucket.level - 1);
      return 0;
    }
    return Math.ceil((1 - bucket.level) * everyMs);
  }

  /** Forgets buckets that are full again; if none is, all of them rather than grow for ever. */
  #makeRoom(): void {
    if (this.#buckets.size < keysMax) return;
    const { burst, everyMs, now } = this.#options;
    const full = now() - burst * everyMs;
    for (const [key, { at }] of this.#buckets) if (at <= full) this.#buckets.delete(key);
    if (this.#buckets.size >= keysMax) this.#buckets.clear();
  }
}
