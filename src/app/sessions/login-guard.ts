import { limits } from '../limits/limits.ts';
import { WaitingRoom } from '../limits/waiting-room.ts';
import { Refused } from '../refusals.ts';
import { type Admission, type Admitted, type Attempt, LoginFailures } from './login-failures.ts';

/** The nodes, each of which counts the attempts at some names. */
export type GuardNodes = {
  readonly me: string;
  /** The node that counts the attempts at a name; undefined: there is none at the moment, or it is not known. */
  ownerOf(name: string): string | undefined;
  /** Resolves with the answer of another node; rejects if there is none soon. */
  request(node: string, message: unknown): Promise<unknown>;
  /** Answers the requests of the other nodes. */
  respond(handler: (message: unknown) => Promise<unknown>): void;
};

/** The only node. */
const onlyNode: GuardNodes = {
  me: '',
  ownerOf: () => '',
  request: () => Promise.reject(new Error('there is no other node')),
  respond: () => undefined,
};

/** Called once with the outcome of an attempt. `unchecked`: the password was not checked. */
export type Settle = (outcome: 'right' | 'wrong' | 'unchecked') => void;

type Release = { readonly attempt: Attempt; readonly as: Admitted; readonly isRight: boolean };

/** What nodes ask each other: to admit an attempt, or to release it. */
type Request = Pick<Release, 'attempt'> | Release;

/** When a client may retry whose attempt no node counted, in ms. */
const retryMs = 1000;

const isText = (value: unknown): boolean => typeof value === 'string';

const isRequest = (message: unknown): message is Request => {
  const { attempt } = (message ?? {}) as { attempt?: Partial<Attempt> };
  const { name, client, device = '' } = attempt ?? {};
  return isText(name) && isText(client) && isText(device);
};

const isAdmission = (answer: unknown): answer is Admission => {
  const { as, retryAfter } = (answer ?? {}) as { as?: unknown; retryAfter?: unknown };
  return isText(as) || typeof retryAfter === 'number';
};

/**
 * Slows down password guessing without locking out the user. Too many failures are refused at that address or device,
 * and nowhere else. Failures of a name in total delay further attempts and refuse none, except from devices and addresses
 * where the right password was entered before. One node counts the attempts at a name, so that all nodes together admit
 * as many as one; while it does not answer, none is admitted.
 */
export class LoginGuard {
  readonly #nodes: GuardNodes;
  readonly #failures: LoginFailures;
  readonly #room = new WaitingRoom({
    holdMs: limits.loginDelayMs,
    heldMax: limits.loginsDelayedMax,
  });

  /** `now`: a monotonic clock, in ms. */
  constructor(now: () => number, nodes = onlyNode) {
    this.#nodes = nodes;
    this.#failures = new LoginFailures(now);
    nodes.respond(async (message) => this.#answer(message));
  }

  /** The ms for which an attempt would be refused after earlier failures; 0 also if another node counts them. */
  wait(attempt: Attempt): number {
    const { me, ownerOf } = this.#nodes;
    return ownerOf(attempt.name) === me ? this.#failures.wait(attempt) : 0;
  }

  /**
   * Resolves when the password may be checked, with a function to be called with the outcome; until then it counts as a
   * failure. Throws `rate-limited`, or `unavailable` while nobody counts.
   */
  async admit(attempt: Attempt): Promise<Settle> {
    const owner = this.#nodes.ownerOf(attempt.name);
    const admission = await this.#ask(owner, { attempt });
    if (!isAdmission(admission)) throw new Refused('unavailable', { retryAfter: retryMs });
    if ('retryAfter' in admission) {
      throw new Refused('rate-limited', { retryAfter: admission.retryAfter });
    }
    const { as } = admission;
    if (as === 'delayed') await this.#room.hold();
    return (outcome) => {
      if (outcome === 'wrong') return;
      void this.#ask(owner, { attempt, as, isRight: outcome === 'right' });
    };
  }

  /** The answer of a node; undefined if there is none. */
  async #ask(owner: string | undefined, request: Request): Promise<unknown> {
    if (owner === undefined) return undefined;
    const { me, request: send } = this.#nodes;
    return owner === me ? this.#answer(request) : send(owner, request).catch(() => undefined);
  }

  /** Answers nothing if another node counts by now. */
  #answer(message: unknown): Admission | undefined {
    if (!isRequest(message)) return undefined;
    const { attempt } = message;
    const { me, ownerOf } = this.#nodes;
    if ('as' in message) this.#failures.release(attempt, message.as, message.isRight);
    else if (ownerOf(attempt.name) === me) return this.#failures.admit(attempt);
    return undefined;
  }
}
