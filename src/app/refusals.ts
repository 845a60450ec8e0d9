import type { Refusal, RefusalCode } from '../actors/decision.ts';
import { Unreadable } from '../actors/unreadable.ts';
import { AppendFailure, LogUnavailable } from '../events/log.ts';
import { StoreUnavailable } from '../store/store.ts';

/** What may stand in `code` of an error, on the socket and on HTTP alike. */
export type ErrorCode =
  | RefusalCode
  | 'unauthenticated'
  | 'too-large'
  | 'unsupported'
  | 'rate-limited'
  | 'slow-mode'
  | 'internal'
  | 'timeout';

/** The HTTP status of each code, and what it says to people where nothing better is known. */
export const errors = {
  'bad-request': { status: 400, message: 'The request does not fit what was expected.' },
  unauthenticated: {
    status: 401,
    message: 'Log in first: the credentials are missing, wrong or expired.',
  },
  forbidden: { status: 403, message: 'You may not do this.' },
  'not-found': { status: 404, message: 'There is no such thing, or you may not know of it.' },
  conflict: { status: 409, message: 'This does not go together with what is there already.' },
  'username-taken': { status: 409, message: 'Somebody else has this username.' },
  'too-many': { status: 409, message: 'There are as many as there may be.' },
  archived: { status: 409, message: 'The stream is archived; its owner can restore it.' },
  'invite-invalid': { status: 410, message: 'The invite does not fit, or is used up or expired.' },
  'too-large': { status: 413, message: 'This is larger than what is accepted.' },
  unsupported: { status: 422, message: 'This is not known to the server.' },
  'rate-limited': { status: 429, message: 'Too many at once; wait a little.' },
  'slow-mode': { status: 429, message: 'The stream is in slow mode; wait a little.' },
  internal: { status: 500, message: 'Something went wrong on the server.' },
  unavailable: { status: 503, message: 'The server cannot do this for the moment; try again.' },
  timeout: { status: 504, message: 'This took too long; try again.' },
} as const satisfies Record<ErrorCode, { status: number; message: string }>;

/** A no, as the wire says it. */
export type Problem = {
  readonly code: ErrorCode;
  readonly message: string;
  readonly field?: string;
  readonly retryAfter?: number;
  /** The server's clock, where that is what the request went by. */
  readonly now?: number;
};

/** Thrown on the way to an answer; whoever answers says it in the words of its wire. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly problem: Problem;

  constructor(code: ErrorCode, more: Partial<Omit<Problem, 'code'>> = {}, cause?: unknown) {
    super(code, { cause });
    this.problem = { code, message: errors[code].message, ...more };
  }
}

/** Thrown for what does not fit its schema: a client that sends several of these in a row is broken (W14). */
export class Invalid extends Refused {
  constructor(violation: Partial<Omit<Problem, 'code'>>) {
    super('bad-request', violation);
  }
}

/** What an actor refused, as something to throw. */
export const refused = ({ refused: code, field, retryAfter, message }: Refusal): Refused =>
  new Refused(code, {
    ...(message !== undefined && { message }),
    ...(field !== undefined && { field }),
    ...(retryAfter !== undefined && { retryAfter }),
  });

const awayMs = 1000;

/** Whether something was thrown because a server behind is away, which passes. */
const isAway = (thrown: unknown): boolean =>
  thrown instanceof StoreUnavailable ||
  thrown instanceof LogUnavailable ||
  thrown instanceof AppendFailure;

/** What to say of anything that was thrown. Faults are told apart from refusals, and say nothing of why. */
export const problemOf = (thrown: unknown): Problem => {
  if (thrown instanceof Refused) return thrown.problem;
  if (thrown instanceof Unreadable) return refused(thrown.refusal).problem;
  const code = isAway(thrown) ? 'unavailable' : 'internal';
  const wait = code === 'unavailable' ? { retryAfter: awayMs } : {};
  return { code, message: errors[code].message, ...wait };
};
