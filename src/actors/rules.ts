import type { KnownEvent } from '../events/kinds/kinds.ts';
import type { Stamp } from './command.ts';
import type { Decision } from './decision.ts';

/** Where an event stands that a state is being told of. */
export type EventPlace = {
  readonly n: number;
  readonly at: number;
  readonly by: string;
  /** A place in the log at or before which everything older than this commit stands. */
  readonly seq: number;
};

/**
 * The rules of one kind of aggregate: no clock, no chance, no I/O. The state belongs to the one writer:
 * `evolve` changes it in place, since a copy per event of what may hold thousands of members would cost more
 * than the decision; `decide` only reads it. A state that ran ahead of a failed append is thrown away.
 */
export type Rules<State, Command extends Stamp, Event extends KnownEvent, World> = {
  initial(): State;
  /** `world`: what the decision needs from beside the aggregate's own state. */
  decide(state: State, command: Command, world: World): Decision<Event>;
  evolve(state: State, event: Event, place: EventPlace): void;
  /** Raised when states of the old form cannot be read any more: a snapshot of another version is ignored. */
  readonly snapshotVersion: number;
  /** The state as JSON and back. */
  freeze(state: State): unknown;
  thaw(frozen: unknown): State;
};
