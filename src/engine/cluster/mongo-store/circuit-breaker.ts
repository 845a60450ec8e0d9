import {
  clearInterval,
  clearTimeout,
  setImmediate,
  setInterval,
  setTimeout,
} from '../../../runtime/timers.ts';
import { type ReadStore, StoreUnavailable } from '../../../store/store.ts';
import { guarded } from './failure.ts';

export type BreakerOptions = {
  /** Resolves if the server answers; rejects, at the latest after `probeMsMax`, if it does not. */
  readonly probe: (probeMsMax: number) => Promise<unknown>;
  /** How long an access may take before the server is probed, in ms. */
  readonly suspectMs?: number;
  /** How long a probe may take, in ms. */
  readonly probeMsMax?: number;
  /** The pause between two probes of an unavailable server, in ms. */
  readonly pauseMs?: number;
};

/** An access in flight; `isOld`: it was in flight at the last check. */
type Pending = { readonly reject: (error: Error) => void; isOld: boolean };

const suspectMsDefault = 500;
const probeMsDefault = 2000;
const pauseMsDefault = 250;

/**
 * Makes accesses to an unavailable server fail immediately. A slow or failed access only raises the suspicion: the
 * server is unavailable if it does not answer a probe either. Then everything in flight is rejected with
 * `StoreUnavailable`, and everything that follows, until a probe is answered. The driver alone would let each access
 * wait for seconds, and for minutes on a dead connection.
 */
export class CircuitBreaker {
  readonly #options: Required<BreakerOptions>;
  readonly #pending = new Set<Pending>();
  #watching: NodeJS.Timeout | undefined;
  #isProbing = false;
  #isAway = false;
  #isClosed = false;

  constructor(options: BreakerOptions) {
    this.#options = {
      suspectMs: suspectMsDefault,
      probeMsMax: probeMsDefault,
      pauseMs: pauseMsDefault,
      ...options,
    };
  }

  /** Whether accesses are rejected without being tried. */
  get isAway(): boolean {
    return this.#isAway;
  }

  /** Runs an access; rejects with its error, or with `StoreUnavailable` as soon as the server is unavailable. */
  guard<T>(access: () => Promise<T>): Promise<T> {
    // In a later turn: a caller that retries in a loop must not starve the probes.
    if (this.#isAway) return new Promise((_, reject) => setImmediate(() => reject(away())));
    return new Promise<T>((resolve, reject) => {
      const pending: Pending = { reject, isOld: false };
      this.#pending.add(pending);
      this.#watching ??= setInterval(() => this.#look(), this.#options.suspectMs).unref();
      access()
        .then(resolve, (error: unknown) => {
          reject(error);
          if (error instanceof StoreUnavailable) void this.#probe();
        })
        .finally(() => {
          this.#pending.delete(pending);
          if (this.#pending.size === 0) this.#rest();
        });
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#rest();
  }

  #rest(): void {
    clearInterval(this.#watching);
    this.#watching = undefined;
  }

  /** An access that was in flight at the last check is slow. */
  #look(): void {
    if ([...this.#pending].some(({ isOld }) => isOld)) void this.#probe();
    for (const pending of this.#pending) pending.isOld = true;
  }

  async #probe(): Promise<void> {
    if (this.#isProbing) return;
    this.#isProbing = true;
    while (!(this.#isClosed || (await this.#answers()))) {
      this.#isAway = true;
      for (const { reject } of this.#pending) reject(away());
      this.#pending.clear();
      await new Promise<void>((resolve) => void setTimeout(resolve, this.#options.pauseMs).unref());
    }
    this.#isAway = false;
    this.#isProbing = false;
  }

  #answers(): Promise<boolean> {
    const { probe, probeMsMax } = this.#options;
    return new Promise((resolve) => {
      const late = setTimeout(() => resolve(false), probeMsMax).unref();
      probe(probeMsMax)
        .then(
          () => resolve(true),
          () => resolve(false),
        )
        .finally(() => clearTimeout(late));
    });
  }
}

const away = (): StoreUnavailable =>
  new StoreUnavailable('MongoDB is not available: it answers no probe');

/** The store behind a circuit breaker, which it closes. Errors of the driver are mapped by `failureOf`. */
export const guardedStore = (
  store: Omit<ReadStore, 'isAway'>,
  breaker: CircuitBreaker,
): ReadStore => {
  const guard =
    <Args extends unknown[], T>(access: (...args: Args) => Promise<T>) =>
    (...args: Args): Promise<T> =>
      breaker.guard(() => guarded(() => access(...args)));
  return {
    isAway: () => breaker.isAway,
    hasDates: store.hasDates,
    prepare: guard(store.prepare),
    get: guard(store.get),
    getMany: guard(store.getMany),
    find: guard(store.find),
    count: guard(store.count),
    checkpoint: guard(store.checkpoint),
    apply: guard(store.apply),
    update: guard(store.update),
    upsert: guard(store.upsert),
    put: guard(store.put),
    remove: guard(store.remove),
    drop: guard(store.drop),
    close() {
      breaker.close();
      return store.close();
    },
  };
};
