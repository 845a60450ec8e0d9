import type { Answered } from '../../app/limits/overload.ts';
import type { Problem } from '../../app/refusals.ts';
import type { Caller } from '../../app/sessions/sessions.ts';
import type { UserId } from '../../events/ids.ts';
import type { Close } from './close-codes.ts';
import type { HelloFrame, RequestFrame, SigFrame } from './frames.ts';

/** Answers the requests of connections. */
export interface Responder<Connection> {
  /** Handles hello: resolves with the caller and the data of the answer, or with a close if it is refused. */
  greet(connection: Connection, frame: HelloFrame): Promise<Greeting | Close>;
  /**
   * Answers a request by writing to the outlet exactly once, or rejects with the error to be sent. Calls `next` when
   * the following request may start.
   */
  respond(connection: Connection, frame: RequestFrame, next: () => void): Promise<void>;
  /** Admits a request when it arrives: returns what is called once it is answered; or why it is refused. */
  admit(connection: Connection, frame: RequestFrame): Answered | Problem;
  /** Handles a signal that is within its rate. Sends no answer. */
  signal(connection: Connection, user: UserId, frame: SigFrame): void;
}

export type Greeting = { readonly caller: Caller; readonly d?: object };
