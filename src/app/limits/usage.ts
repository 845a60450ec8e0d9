const periodMs = 1000;

type Period = { readonly byUser: ReadonlyMap<string, number>; readonly total: number };

const nothing: Period = { byUser: new Map(), total: 0 };

/** How many commands each user had accepted within the last second, about. Keeps those of two seconds at most. */
export class Usage {
  readonly #now: () => number;
  #before = nothing;
  #byUser = new Map<string, number>();
  #total = 0;
  #since: number;

  constructor(now: () => number) {
    this.#now = now;
    this.#since = now();
  }

  add(user: string): void {
    this.#turn();
    this.#byUser.set(user, (this.#byUser.get(user) ?? 0) + 1);
    this.#total++;
  }

  /** Whether a user had one at most, or fewer than half an equal share of what all had who had any. */
  isBelowShare(user: string): boolean {
    const part = 1 - this.#turn() / periodMs;
    const { byUser, total } = this.#before;
    const used = (this.#byUser.get(user) ?? 0) + (byUser.get(user) ?? 0) * part;
    const users = Math.max(this.#byUser.size, byUser.size);
    return used <= 1 || 2 * used * users < this.#total + total * part;
  }

  /** Begins another period if it is time, and returns how long the current one has lasted. */
  #turn(): number {
    const passed = this.#now() - this.#since;
    if (passed < periodMs) return passed;
    const isNext = passed < 2 * periodMs;
    this.#before = isNext ? { byUser: this.#byUser, total: this.#total } : nothing;
    this.#byUser = new Map();
    this.#total = 0;
    this.#since += isNext ? periodMs : passed;
    return this.#now() - this.#since;
  }
}
