import type { KnownEvent } from '../events/kinds/kinds.ts';
import type { Stamp } from './command.ts';

/** Why a command is refused. The application maps it to a code on the wire. */
export type RefusalCode =
  | 'bad-request'
  | 'forbidden'
  | 'suspended'
  | 'not-found'
  | 'conflict'
  | 'username-taken'
  | 'too-many'
  | 'archived'
  | 'invite-invalid'
  | 'out-of-space'
  | 'unavailable';

/** An expected refusal, returned to the caller. `field` names the invalid part of the command. */
export type Refusal = {
  readonly refused: RefusalCode;
  readonly field?: string;
  /** After how many ms the command may be sent again; absent: it would be refused again. */
  readonly retryAfter?: number;
  /** A text for users where the code alone tells too little. */
  readonly message?: string;
};

/** The decision of a rule on a command: the events that it causes, possibly none, and the answer. */
export type Decision<Event> =
  | { readonly events: readonly Event[]; readonly answer?: unknown; readonly repeated?: true }
  | Refusal;

export const record = <Events extends readonly KnownEvent[]>(
  ...events: Events
): Decision<Events[number]> => ({ events });

/** The requested state exists already. */
export const nothing = (answer?: unknown): Decision<never> => ({ events: [], answer });

/** The command was done before: the first answer, and no second event. */
export const repeat = (answer?: unknown): Decision<never> => ({
  events: [],
  answer,
  repeated: true,
});

export const refuse = (refused: RefusalCode, field?: string): Refusal =>
  field === undefined ? { refused } : { refused, field };

/** Nothing can be decided at the moment; the same command may be sent again. */
export const refusedForNow: Refusal = { refused: 'unavailable', retryAfter: 500 };

export const isRefusal = (value: object): value is Refusal => 'refused' in value;

/** The decision on a command; a refusal if it would record events and the server is out of space for them. */
export const withinSpace = <Event>(
  { isOutOfSpace }: Pick<Stamp, 'isOutOfSpace'>,
  decision: Decision<Event>,
): Decision<Event> =>
  isOutOfSpace && !isRefusal(decision) && decision.events.length > 0
    ? refuse('out-of-space')
    : decision;
