import { Latest } from './latest.ts';
import { limits } from './limits.ts';

const hourMs = 3_600_000;
/** The current hour and the 24 before it: all of the last 24 hours, and up to one hour more. */
const hoursMax = 25;

/** What a user has spent in each counted hour, by the hour modulo `hoursMax`, and the last hour. */
type Spent = { readonly hours: Uint32Array; last: number };

export type DailyQuotaOptions = {
  /** The quota of a user in 24 hours. */
  readonly max: number;
  /** A monotonic clock, in ms. */
  readonly now: () => number;
};

/** A quota per user and day, counted by the hour. */
export class DailyQuota {
  readonly #options: DailyQuotaOptions;
  readonly #spent = new Latest<Spent>(limits.ratesMax);

  constructor(options: DailyQuotaOptions) {
    this.#options = options;
  }

  /** Takes one; returns 0, or the ms until there is one again. */
  take(user: string): number {
    const spent = this.#current(user);
    const total = spent.hours.reduce((sum, count) => sum + count, 0);
    if (total >= this.#options.max) return this.#wait(spent);
    this.subtract(user, 1);
    return 0;
  }

  /** Subtracts what was taken elsewhere, also if less is left; negative: adds what was given back. */
  subtract(user: string, count: number): void {
    const spent = this.#current(user);
    this.#add(spent, count);
    this.#spent.set(user, spent);
  }

  /** Returns what a user has spent, after clearing expired hours. */
  #current(user: string): Spent {
    const hour = Math.floor(this.#options.now() / hourMs);
    const spent = this.#spent.get(user) ?? { hours: new Uint32Array(hoursMax), last: hour };
    const over = Math.min(hour - spent.last, hoursMax);
    for (let each = hour - over + 1; each <= hour; each++) spent.hours[each % hoursMax] = 0;
    spent.last = hour;
    return spent;
  }

  #add({ hours, last }: Spent, change: number): void {
    const index = last % hoursMax;
    hours[index] = Math.max(0, (hours[index] ?? 0) + change);
  }

  /** The ms until the oldest hour with spending expires. */
  #wait({ hours, last }: Spent): number {
    const oldest = last - hoursMax + 1;
    const age = hours.findIndex((_, index) => (hours[(oldest + index) % hoursMax] ?? 0) > 0);
    const end = (oldest + age + hoursMax) * hourMs;
    return Math.ceil(end - this.#options.now());
  }
}
