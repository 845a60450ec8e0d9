import type { LoggedEvent } from '../events/commit.ts';
import type { Position } from '../events/position.ts';
import type { Refusal } from './decision.ts';

/** The outcome of a command that was not refused. */
export type Done = {
  /** The events that it caused, each with its number; none if the state existed already. */
  readonly events: readonly (LoggedEvent & { readonly n: number })[];
  /** A position in the log at or after the events of the answer, and after those of the first answer if repeated. */
  readonly position: Position;
  readonly answer?: unknown;
  /** The command had been done before: this is the first answer again. */
  readonly repeated: boolean;
};

export type Outcome = Done | Refusal;
