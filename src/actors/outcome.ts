import type { LoggedEvent } from '../events/commit.ts';
import type { Refusal } from './decision.ts';

/** What became of a command that was not refused. */
export type Done = {
  /** The events that it caused, each with its number; none if the state was there already. */
  readonly events: readonly (LoggedEvent & { readonly n: number })[];
  /** A place in the log at which all that the answer speaks of stands. */
  readonly seq: number;
  readonly answer?: unknown;
  /** The command had been done before: this is the first answer again. */
  readonly repeated: boolean;
};

export type Outcome = Done | Refusal;
