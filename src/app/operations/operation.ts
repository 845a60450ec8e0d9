import type Type from 'typebox';
import type { Accounts } from '../../actors/accounts.ts';
import type { Actors } from '../../actors/actors.ts';
import type { Stamp } from '../../actors/command.ts';
import type { ConnectionId, UserId } from '../../events/ids.ts';
import type { Position } from '../../events/log.ts';
import type { ReadModels } from '../../projections/read-models.ts';
import type { ReadBarrier } from '../read-barrier.ts';
import type { ServerSecret } from '../sessions/server-secret.ts';
import type { Caller } from '../sessions/sessions.ts';
import type { Violation } from '../validation.ts';

/** What operations are made of. */
export type OperationDeps = {
  readonly actors: Actors;
  readonly accounts: Accounts;
  readonly models: ReadModels;
  readonly barrier: ReadBarrier;
  readonly secret: ServerSecret;
  readonly now: () => number;
  /** Tells somebody's other connections that they have read on. */
  readonly notifyRead: (moved: MarkerMoved) => void;
  /** The partition of what a key (a user's or a circle's id) names. */
  readonly partitionOf: (key: string) => number;
};

/** Somebody has read up to a message, on this connection if it was on one. */
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

/** The answer: the body as HTTP returns it, if any; whether something is new by it; where it stands in the log. */
export type Answer = {
  readonly created: boolean;
  readonly body?: object;
  readonly position?: Position;
};

/** A command as people give it: one on the socket and on HTTP. Throws `Refused`. */
export type Operation<Input = never> = {
  readonly schema: Type.TSchema;
  readonly violation: (input: unknown) => Violation | undefined;
  /** A creation carries the id of what it creates, by which a repeat is recognised; it takes no key. */
  readonly creates?: true;
  /** It appends no event, so it takes nothing of the daily quota. */
  readonly isUnrecorded?: true;
  readonly run: (request: OperationRequest<Input>) => Promise<Answer>;
};

/** The parts of who asks, when, and under which key. */
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
