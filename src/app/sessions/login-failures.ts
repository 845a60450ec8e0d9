import { Buckets } from '../limits/buckets.ts';
import { Latest } from '../limits/latest.ts';
import { limits } from '../limits/limits.ts';

/** A login attempt: the folded username, the client address, and the known device, if any. */
export type Attempt = {
  readonly name: string;
  readonly client: string;
  readonly device?: string | undefined;
};

/**
 * Why an attempt may check a password: from a known device or address, as one of the failures of its name, or, if there
 * were too many of these, after a delay.
 */
export type Admitted = 'known' | 'counted' | 'delayed';

/** `retryAfter`: it is refused for so many ms. */
export type Admission = { readonly as: Admitted } | { readonly retryAfter: number };

const addressKey = ({ client, name }: Attempt): string => `${client} ${name}`;

/** The key of the failure counter: the device if it is known, else the address. */
const placeOf = (attempt: Attempt): string =>
  attempt.device === undefined ? addressKey(attempt) : `device ${attempt.device}`;

/**
 * Counts wrong passwords by name and address, or by device, and in total by name. An attempt that is admitted counts as
 * a failure until it is released, so that no more are admitted at once than one after the other, and one whose outcome
 * nobody reports stays a failure. Unknown names count like all others, so that nothing reveals whether a username exists
 * (W1).
 */
export class LoginFailures {
  readonly #now: () => number;
  readonly #byPlace: Buckets;
  readonly #byName: Buckets;
  /** When the right password was last entered, by name and client address. */
  readonly #known = new Latest<number>(limits.knownAddressesMax);

  /** `now`: a monotonic clock, in ms. */
  constructor(now: () => number) {
    this.#now = now;
    const { loginFailuresBurst, loginFailureEveryMs } = limits;
    const { nameFailuresBurst, nameFailureEveryMs } = limits;
    this.#byPlace = new Buckets({ burst: loginFailuresBurst, everyMs: loginFailureEveryMs, now });
    this.#byName = new Buckets({ burst: nameFailuresBurst, everyMs: nameFailureEveryMs, now });
  }

  /** The ms for which an attempt would be refused after earlier failures; 0: it would not be. */
  wait(attempt: Attempt): number {
    return this.#byPlace.wait(placeOf(attempt));
  }

  admit(attempt: Attempt): Admission {
    const retryAfter = this.#byPlace.take(placeOf(attempt));
    if (retryAfter > 0) return { retryAfter };
    if (this.#isKnown(attempt)) return { as: 'known' };
    return { as: this.#byName.take(attempt.name) === 0 ? 'counted' : 'delayed' };
  }

  /** An attempt that was admitted is no failure: its password was right, or was not checked. */
  release(attempt: Attempt, as: Admitted, isRight: boolean): void {
    this.#byPlace.subtract(placeOf(attempt), -1);
    if (as === 'counted') this.#byName.subtract(attempt.name, -1);
    if (isRight) this.#known.set(addressKey(attempt), this.#now());
  }

  #isKnown(attempt: Attempt): boolean {
    const at = this.#known.get(addressKey(attempt));
    const isKnownAddress = at !== undefined && this.#now() - at <= limits.knownAddressMs;
    return attempt.device !== undefined || isKnownAddress;
  }
}
