import type { KnownEvent } from '../events/kinds/kinds.ts';
import type { Stamp } from './command.ts';
import type { Decision } from './decision.ts';
import type { TrackedSet } from './tracked-set.ts';

/** When, by whom, and at which position an event was appended. */
export type EventMeta = {
  readonly n: number;
  readonly at: number;
  readonly by: string;
  /** A sequence number in the log at or after everything older than this commit. */
  readonly seq: number;
};

/**
 * The rules of one kind of aggregate: no clock, no randomness, no I/O. The state belongs to the one writer: `evolve`
 * changes it in place, since copying a state with thousands of members for every event would cost more than the
 * decision; `decide` only reads it. A state that ran ahead of a failed append is discarded.
 */
export type Rules<State, Command extends Stamp, Event extends KnownEvent, World> = {
  initial(): State;
  /** `world`: what the decision needs from outside the aggregate's own state. */
  decide(state: State, command: Command, world: World): Decision<Event>;
  evolve(state: State, event: Event, meta: EventMeta): void;
  /** Increased when older states cannot be read any more: a snapshot of another version is ignored. */
  readonly snapshotVersion: number;
  /** The state as JSON and back; what `freeze` returns is encoded before the state changes. */
  freeze(state: State): unknown;
  thaw(frozen: unknown): State;
  /** The part of the state that may be large, if any. It is saved by its changes: not frozen, and empty when thawed. */
  large?(state: State): TrackedSet;
};
