import type { KnownEvent } from '../events/kinds/kinds.ts';

/** What may be said no to; each a state of affairs. The edge alone knows what it is called on the wire. */
export type RefusalCode =
  | 'bad-request'
  | 'forbidden'
  | 'not-found'
  | 'conflict'
  | 'username-taken'
  | 'too-many'
  | 'archived'
  | 'invite-invalid'
  | 'unavailable';

/** An expected no, told to who asked. `field` names the part of the command that is at fault. */
export type Refusal = {
  readonly refused: RefusalCode;
  readonly field?: string;
  /** After how many ms the same command may be sent again; absent: it would be refused again. */
  readonly retryAfter?: number;
  /** What to say to people where the code alone says too little. */
  readonly message?: string;
};

/** What a rule says to a command: the events that it causes, perhaps none, and what the asker is told. */
export type Decision<Event> =
  | { readonly events: readonly Event[]; readonly answer?: unknown; readonly repeated?: true }
  | Refusal;

export const record = <Events extends readonly KnownEvent[]>(
  ...events: Events
): Decision<Events[number]> => ({ events });

/** The state that was asked for is there already. */
export const nothing = (answer?: unknown): Decision<never> => ({ events: [], answer });

/** What was asked has been done before: the first answer, and no second event. */
export const repeat = (answer?: unknown): Decision<never> => ({
  events: [],
  answer,
  repeated: true,
});

export const refuse = (refused: RefusalCode, field?: string): Refusal =>
  field === undefined ? { refused } : { refused, field };

/** What cannot be decided for the moment; the same command may be sent again. */
export const refusedForNow: Refusal = { refused: 'unavailable', retryAfter: 500 };

export const isRefusal = (value: object): value is Refusal => 'refused' in value;
