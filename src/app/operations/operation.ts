import type * as Type from 'typebox';
import type { Accounts } from '../../actors/accounts.ts';
import type { Stamp } from '../../actors/command.ts';
import type { ActorsPort } from '../../actors/port.ts';
import type { UserId } from '../../events/ids.ts';
import type { Position } from '../../events/position.ts';
import type { ReadModels } from '../../projections/read-models.ts';
import { closed } from '../fields.ts';
import type { ReadBarrier } from '../read-barrier.ts';
import type { ServerSecret } from '../sessions/server-secret.ts';
import type { Caller } from '../sessions/sessions.ts';
import { type Check, check } from '../validation.ts';

/** The dependencies of operations. */
export type OperationDeps = {
  readonly actors: ActorsPort;
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

/**
 * What an operation adds to the data. `content` is refused while the server is out of space; a list: if one of these
 * fields is set to anything but null. `upkeep` never is: it removes something, ends an access, or moves a read marker.
 */
export type Growth<Field extends string = string> = 'content' | 'upkeep' | readonly Field[];

/** A command, the same on the socket and over HTTP. Throws `Refused`. */
export type Operation = Check<Type.TObject> & {
  readonly growth: Growth;
  /** A creation contains the id of what it creates, by which a repeat is recognised; it takes no key. */
  readonly creates?: true;
  /** It appends no event, so it does not count towards the daily quota. */
  readonly isUnrecorded?: true;
  readonly run: (request: OperationRequest<never>) => Promise<Answer>;
};

/** An operation whose input has these fields and no others. */
export const operation = <T extends Type.TProperties>(
  growth: Growth<keyof T & string>,
  fields: T,
  run: (request: OperationRequest<Type.Static<Type.TObject<T>>>) => Promise<Answer>,
): Operation => ({ ...check(closed(fields)), growth, run });

/** Whether an operation with this valid input adds content. */
export const addsContent = ({ growth }: Operation, input: object): boolean =>
  typeof growth === 'string'
    ? growth === 'content'
    : Object.entries(input).some(([field, value]) => growth.includes(field) && value !== null);
