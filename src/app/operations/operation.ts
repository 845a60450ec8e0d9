import type Type from 'typebox';
import type { Accounts } from '../../actors/accounts.ts';
import type { Actors } from '../../actors/actors.ts';
import type { Stamp } from '../../actors/command.ts';
import type { ConnectionId, UserId } from '../../events/ids.ts';
import type { Position } from '../../events/position.ts';
import type { ReadModels } from '../../projections/read-models.ts';
import type { ReadBarrier } from '../read-barrier.ts';
import type { ServerSecret } from '../sessions/server-secret.ts';
import type { Caller } from '../sessions/sessions.ts';
import type { Violation } from '../validation.ts';

/** The dependencies of operations. */
export type OperationDeps = {
  readonly actors: Actors;
  readonly accounts: Accounts;
  readonly models: ReadModels;
  readonly barrier: ReadBarrier;
  readonly secret: ServerSecret;
  readonly now: () => number;
  /** Notifies a user's other connections of a new read marker. */
  readonly notifyRead: (moved: MarkerMoved) => void;
};

/** A read marker that has moved, and the connection that moved it, if any. */
export type MarkerMoved = {
  readonly user: UserId;
  readonly s: string;
  readonly m: number;
  readonly conn?: string | undefined;
};

/** One execution of an operation. The input is valid by the operation's schema. */
export type OperationRequest<Input> = {
  readonly caller: Caller;
  readonly input: Input;
  readonly stamp: Stamp;
  /** Called once the command is in its actor's inbox: later requests are decided after it. */
  readonly enqueued: () => void;
};

/** The answer: the body over HTTP, if any; whether something was created; the position in the log. */
export type Answer = {
  readonly created: boolean;
  readonly body?: object;
  readonly position?: Position;
};

/** A command, the same on the socket and over HTTP. Throws `Refused`. */
export type Operation<Input = never> = {
  readonly schema: Type.TSchema;
  readonly violation: (input: unknown) => Violation | undefined;
  /** A creation contains the id of what it creates, by which a repeat is recognised; it takes no key. */
  readonly creates?: true;
  /** It appends no event, so it does not count towards the daily quota. */
  readonly isUnrecorded?: true;
  readonly run: (request: OperationRequest<Input>) => Promise<Answer>;
};

/** The common fields of a command: caller, time and key. */
export const stampOf = (
  caller: Caller,
  at: number,
  more: { key?: string | undefined; sum?: string; conn?: ConnectionId | undefined },
): Stamp => ({
  by: caller.user,
  at,
  ...(more.key !== undefined && more.sum !== undefined && { key: more.key, sum: more.sum }),
  ...(more.conn !== undefined && { conn: more.conn }),
  ses: caller.session,
});
