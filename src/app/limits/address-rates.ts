import { type BucketOptions, Buckets } from './buckets.ts';
import type { ClientAddress } from './client-address.ts';

/** The rate of one client address. */
export type AddressRatesOptions = Omit<BucketOptions, 'keysMax'> & {
  /** The factor by which the client addresses of one site together may do more. */
  readonly siteFactor: number;
};

/** A rate per client address, and a wider one for all client addresses of a site. */
export class AddressRates {
  readonly #clients: Buckets;
  readonly #sites: Buckets;

  constructor({ burst, everyMs, siteFactor, now }: AddressRatesOptions) {
    this.#clients = new Buckets({ burst, everyMs, now });
    this.#sites = new Buckets({ burst: burst * siteFactor, everyMs: everyMs / siteFactor, now });
  }

  /** Takes one from both, or from neither: 0, or the ms until both have one. */
  take({ client, site }: ClientAddress): number {
    const ofSite = site === undefined ? 0 : this.#sites.wait(site);
    const wait = Math.max(this.#clients.wait(client), ofSite);
    if (wait > 0) return wait;
    this.#clients.take(client);
    if (site !== undefined) this.#sites.take(site);
    return 0;
  }
}
