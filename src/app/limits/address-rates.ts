import { Buckets } from './buckets.ts';
import type { ClientAddress } from './client-address.ts';

export type AddressRatesOptions = {
  /** What one client address may do at once, and how long it takes until it may do one more, in ms. */
  readonly burst: number;
  readonly everyMs: number;
  /** How many times as much the client addresses of one site may do together. */
  readonly siteFactor: number;
  readonly now: () => number;
};

/** A rate per client address, and a wider one for all client addresses of a site. */
export class AddressRates {
  readonly #clients: Buckets;
  readonly #sites: Buckets;

  constructor({ burst, everyMs, siteFactor, now }: AddressRatesOptions) {
    this.#clients = new Buckets({ burst, everyMs, now });
    this.#sites = new Buckets({ burst: burst * siteFactor, everyMs: everyMs / siteFactor, now });
  }

  /** Takes one of both, or of neither: 0, or how many ms to wait until both have one. */
  take({ client, site }: ClientAddress): number {
    const ofSite = site === undefined ? 0 : this.#sites.wait(site);
    const wait = Math.max(this.#clients.wait(client), ofSite);
    if (wait > 0) return wait;
    this.#clients.take(client);
    if (site !== undefined) this.#sites.take(site);
    return 0;
  }
}
