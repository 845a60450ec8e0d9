import { Buckets } from '../limits/buckets.ts';
import { Latest } from '../limits/latest.ts';
import { limits } from '../limits/limits.ts';
import { WaitingRoom } from '../limits/waiting-room.ts';
import { Refused } from '../refusals.ts';

/** An attempt to log in: by which name as it counts, from which client address, on which known device if on one. */
export type Attempt = {
  readonly name: string;
  readonly client: string;
  readonly device: string | undefined;
};

const addressKey = ({ client, name }: Attempt): string => `${client} ${name}`;

/** Where wrong passwords are counted: on the device if it is known, else at the address. */
const placeOf = (attempt: Attempt): string =>
  attempt.device === undefined ? addressKey(attempt) : `device ${attempt.device}`;

/** What became of an attempt: the password was wrong, or right. */
export type Settle = (isRight: boolean) => void;

/**
 * Slows down the guessing of passwords without locking anybody out. Wrong ones are counted by name and address, or
 * device: too many there are refused there, and nowhere else. Those of a name from everywhere delay further attempts by
 * it and refuse none, but for devices and addresses on which the right one was given before. Names that nobody has count
 * like all others, so that nothing reveals whether a username exists (W1).
 */
export class LoginGuard {
  readonly #now: () => number;
  readonly #failures: Buckets;
  readonly #failuresByName: Buckets;
  /** When the right password was given last, by name and client address. */
  readonly #known = new Latest<number>(limits.knownAddressesMax);
  readonly #room = new WaitingRoom({
    holdMs: limits.loginDelayMs,
    heldMax: limits.loginsDelayedMax,
  });

  /** `now`: a clock that only goes forward, in ms. */
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

  /** For how many ms an attempt would be refused, since too many before it were wrong; 0: it would not. */
  wait(attempt: Attempt): number {
    return this.#failures.wait(placeOf(attempt));
  }

  /** Resolves when the password may be tried, and returns what is to be called with the outcome. Throws `rate-limited`. */
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
