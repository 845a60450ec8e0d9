import { Buckets } from '../limits/buckets.ts';
import { Latest } from '../limits/latest.ts';
import { limits } from '../limits/limits.ts';
import { WaitingRoom } from '../limits/waiting-room.ts';
import { Refused } from '../refusals.ts';

/** A login attempt: the folded username, the client address, and the known device, if any. */
export type Attempt = {
  readonly name: string;
  readonly client: string;
  readonly device: string | undefined;
};

const addressKey = ({ client, name }: Attempt): string => `${client} ${name}`;

/** The key of the failure counter: the device if it is known, else the address. */
const placeOf = (attempt: Attempt): string =>
  attempt.device === undefined ? addressKey(attempt) : `device ${attempt.device}`;

/** Called with the outcome of an attempt. */
export type Settle = (isRight: boolean) => void;

/**
 * Slows down password guessing without locking out the user. Failures are counted by name and address, or by device:
 * too many are refused there, and nowhere else. Failures of a name in total delay further attempts and refuse none,
 * except from devices and addresses where the right password was entered before. Unknown names count like all others,
 * so that nothing reveals whether a username exists (W1).
 */
export class LoginGuard {
  readonly #now: () => number;
  readonly #failures: Buckets;
  readonly #failuresByName: Buckets;
  /** When the right password was last entered, by name and client address. */
  readonly #known = new Latest<number>(limits.knownAddressesMax);
  readonly #room = new WaitingRoom({
    holdMs: limits.loginDelayMs,
    heldMax: limits.loginsDelayedMax,
  });

  /** `now`: a monotonic clock, in ms. */
  constructor(now: () => number) {
    this.#now = now;
    const { loginFailuresBurst, loginFailureEveryMs } = limits;
    const { nameFailuresBurst, nameFailureEveryMs } = limits;
    this.#failures = new Buckets({ burst: loginFailuresBurst, everyMs: loginFailureEveryMs, now });
    this.#failuresByName = new Buckets({
      burst: nameFailuresBurst,
      everyMs: nameFailureEveryMs,
      now,
    });
  }

  /** The ms for which an attempt would be refused after earlier failures; 0: it would not be. */
  wait(attempt: Attempt): number {
    return this.#failures.wait(placeOf(attempt));
  }

  /**
   * Resolves when the password may be checked, with a function to be called with the outcome. Throws `rate-limited`.
   */
  async admit(attempt: Attempt): Promise<Settle> {
    const { name } = attempt;
    const retryAfter = this.wait(attempt);
    if (retryAfter > 0) throw new Refused('rate-limited', { retryAfter });
    const isKnown = this.#isKnown(attempt);
    if (!isKnown && this.#failuresByName.wait(name) > 0) await this.#room.hold();
    return (isRight) => {
      if (isRight) {
        this.#known.set(addressKey(attempt), this.#now());
        return;
      }
      this.#failures.take(placeOf(attempt));
      if (!isKnown) this.#failuresByName.take(name);
    };
  }

  #isKnown(attempt: Attempt): boolean {
    const at = this.#known.get(addressKey(attempt));
    const isKnownAddress = at !== undefined && this.#now() - at <= limits.knownAddressMs;
    return attempt.device !== undefined || isKnownAddress;
  }
}
