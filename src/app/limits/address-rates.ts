import { type BucketOptions, Buckets } from './buckets.ts';
import type { ClientAddress } from './client-address.ts';
import { Shared, type SharedOptions } from './shared.ts';

/** The rate of one client address. */
export type AddressRatesOptions = Omit<BucketOptions, 'keysMax'> &
  SharedOptions & {
    /** The factor by which the client addresses of one site together may do more. */
    readonly siteFactor: number;
  };

/** A rate per client address, and a wider one for all client addresses of a site. */
export class AddressRates {
  readonly #clients: Shared<Buckets>;
  readonly #sites: Shared<Buckets>;

  constructor({ name, burst, everyMs, siteFactor, now, sharing }: AddressRatesOptions) {
    this.#clients = new Shared(new Buckets({ burst, everyMs, now }), { name, burst, sharing });
    const ofSite = { burst: burst * siteFactor, everyMs: everyMs / siteFactor, now };
    this.#sites = new Shared(new Buckets(ofSite), {
      ...{ name: `${name} of a site`, burst: ofSite.burst, sharing },
    });
  }

  /** Takes one from both, or from neither: 0, or the ms until both have one. */
  take(address: ClientAddress): number | Promise<number> {
    const waiting = this.#pending(address);
    return waiting === undefined ? this.#take(address) : waiting.then(() => this.take(address));
  }

  #pending({ client, site }: ClientAddress): Promise<void> | undefined {
    return (
      this.#clients.pending(client) ?? (site === undefined ? undefined : this.#sites.pending(site))
    );
  }

  #take({ client, site }: ClientAddress): number {
    const ofSite = site === undefined ? 0 : this.#sites.counter.wait(site);
    const wait = Math.max(this.#clients.counter.wait(client), ofSite);
    if (wait > 0) return wait;
    this.#clients.take(client);
    if (site !== undefined) this.#sites.take(site);
    return 0;
  }
}
