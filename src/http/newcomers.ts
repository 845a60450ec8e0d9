import type { ClientAddress } from '../app/limits/client-address.ts';

export type NewcomersOptions<One> = {
  /** Limits per client address, per site, and in total. */
  readonly clientMax: number;
  readonly siteMax: number;
  readonly totalMax: number;
  /** Called with the oldest when a limit is exceeded; it is not counted any more. */
  readonly evict: (oldest: One) => void;
};

/**
 * Limits the connections that are not authenticated yet, per client, per site and in total. The oldest in the exceeded
 * group is evicted, so that idle connections keep no other client out.
 */
export class Newcomers<One> {
  readonly #options: NewcomersOptions<One>;
  /** In order of arrival, since a `Map` keeps the order of insertion. */
  readonly #all = new Map<One, readonly string[]>();
  readonly #groups = new Map<string, Set<One>>();

  constructor(options: NewcomersOptions<One>) {
    this.#options = options;
  }

  get size(): number {
    return this.#all.size;
  }

  add(one: One, { client, site }: ClientAddress): void {
    const { clientMax, siteMax, totalMax } = this.#options;
    this.remove(one);
    this.#makeRoom(this.#groups.get(client), clientMax);
    if (site !== undefined) this.#makeRoom(this.#groups.get(site), siteMax);
    this.#makeRoom(this.#all, totalMax);
    const groups = site === undefined ? [client] : [client, site];
    this.#all.set(one, groups);
    for (const group of groups) {
      this.#groups.set(group, (this.#groups.get(group) ?? new Set()).add(one));
    }
  }

  /** Stops counting a connection that was authenticated or closed. */
  remove(one: One): void {
    for (const group of this.#all.get(one) ?? []) {
      const members = this.#groups.get(group);
      members?.delete(one);
      if (members?.size === 0) this.#groups.delete(group);
    }
    this.#all.delete(one);
  }

  #makeRoom(those: ReadonlySet<One> | ReadonlyMap<One, unknown> | undefined, max: number): void {
    if (those === undefined || those.size < max) return;
    const [oldest] = those.keys();
    if (oldest === undefined) return;
    this.remove(oldest);
    this.#options.evict(oldest);
  }
}
