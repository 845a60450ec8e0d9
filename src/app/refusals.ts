import type { Refusal, RefusalCode } from '../actors/decision.ts';
import { Unreadable } from '../actors/unreadable.ts';
import { AppendFailure, LogUnavailable } from '../events/log.ts';
import type { Building } from '../projections/building/building.ts';
import { StoreUnavailable } from '../store/store.ts';

/** The `code` of an error, on the socket and over HTTP. */
export type ErrorCode =
  | RefusalCode
  | 'unauthenticated'
  | 'too-large'
  | 'unsupported'
  | 'rate-limited'
  | 'slow-mode'
  | 'internal'
  | 'timeout';

/** The HTTP status of each code, and its default message. */
export const errors = {
  'bad-request': { status: 400, message: 'The request is invalid.' },
  unauthenticated: {
    status: 401,
    message: 'Not logged in: the credentials are missing, wrong or expired.',
  },
  forbidden: { status: 403, message: 'You do not have permission to do this.' },
  suspended: { status: 403, message: 'This account has been suspended.' },
  'not-found': { status: 404, message: 'Not found, or you do not have access.' },
  conflict: { status: 409, message: 'This conflicts with the current state.' },
  'username-taken': { status: 409, message: 'This username is taken.' },
  'too-many': { status: 409, message: 'Limit reached.' },
  archived: { status: 409, message: 'The stream is archived; its owner can restore it.' },
  'invite-invalid': { status: 410, message: 'The invite is unknown, used up or expired.' },
  'too-large': { status: 413, message: 'This is too large.' },
  unsupported: { status: 422, message: 'Not supported by this server.' },
  'rate-limited': { status: 429, message: 'Too many requests.' },
  'slow-mode': { status: 429, message: 'The stream is in slow mode.' },
  internal: { status: 500, message: 'Something went wrong on the server.' },
  unavailable: { status: 503, message: 'The server is temporarily unavailable.' },
  timeout: { status: 504, message: 'This took too long; try again.' },
  'out-of-space': {
    status: 507,
    message: 'The server is almost out of space and accepts no new content.',
  },
} as const satisfies Record<ErrorCode, { status: number; message: string }>;

/** An error as sent to the client. */
export type Problem = {
  readonly code: ErrorCode;
  readonly message: string;
  readonly field?: string;
  readonly retryAfter?: number;
  /** The server's clock, where the error is about time. */
  readonly now?: number;
  /** The progress of read models, where it is the reason. */
  readonly building?: Building;
};

/** Thrown to refuse a request; the transport turns it into its own form. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly problem: Problem;

  constructor(code: ErrorCode, more: Partial<Omit<Problem, 'code'>> = {}, cause?: unknown) {
    super(code, { cause });
    this.problem = { code, message: errors[code].message, ...more };
  }
}

/** Thrown for input that is invalid by its schema. Several in a row close a connection (W14). */
export class Invalid extends Refused {
  constructor(violation: Partial<Omit<Problem, 'code'>>) {
    super('bad-request', violation);
  }
}

/** Converts a refusal of an actor into an error to throw. */
export const refused = ({ refused: code, ...more }: Refusal): Refused => new Refused(code, more);

const awayMs = 1000;

/** Whether an error means that a server behind is unavailable, which is temporary. */
const isAway = (thrown: unknown): boolean =>
  thrown instanceof StoreUnavailable ||
  thrown instanceof LogUnavailable ||
  thrown instanceof AppendFailure;

/** Converts anything that was thrown. Faults reveal nothing of their cause. */
export const problemOf = (thrown: unknown): Problem => {
  if (thrown instanceof Refused) return thrown.problem;
  if (thrown instanceof Unreadable) return refused(thrown.refusal).problem;
  const code = isAway(thrown) ? 'unavailable' : 'internal';
  const wait = code === 'unavailable' ? { retryAfter: awayMs } : {};
  return { code, message: errors[code].message, ...wait };
};
