import type { Aggregate } from '../events/aggregate.ts';
import type { KnownEvent } from '../events/kinds/kinds.ts';
import type { Tail } from '../events/log.ts';
import type { WriterLog } from './assignment.ts';
import type { Stamp } from './command.ts';
import type { Refusal } from './decision.ts';
import type { Rules } from './rules.ts';
import type { Snapshots } from './snapshots.ts';

export type WriterOptions<State, Command extends Stamp, Event extends KnownEvent, World> = {
  readonly aggregate: Aggregate;
  readonly rules: Rules<State, Command, Event, World>;
  readonly log: WriterLog;
  /** The term of the commits; default: 1. */
  readonly term?: number;
  readonly snapshots: Snapshots;
  readonly world: () => World;
  /** Differs while the world changes and afterwards; default: it never changes. */
  readonly worldVersion?: () => unknown;
  /**
   * Adds to commands what decisions need from elsewhere, or refuses those for which that failed; undefined if nothing
   * is to be looked up. Called with no append in flight: all that was ever answered is at `tail` or before.
   */
  readonly prepare?: (
    state: State,
    commands: readonly Command[],
    tail: Tail,
  ) => Promise<readonly (Command | Refusal)[]> | undefined;
  /** Resolves when the world may be read: what must be durable before; undefined if all of it is. */
  readonly gate?: () => Promise<void> | undefined;
  /** Called when another writer was found, or the log could not be read: the writer has discarded its state. */
  readonly onFault?: (error: Error) => void;
  /** Called once when the log holds what cannot be read; all commands are refused from then on. */
  readonly onUnreadable?: (error: Error) => void;
};
