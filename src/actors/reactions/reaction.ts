import type { Aggregate } from '../../events/aggregate.ts';
import type { LoggedEvent } from '../../events/commit.ts';

/** An event that a reaction is told of. */
export type ReactionEvent = LoggedEvent & {
  /** Its number in its event stream. */
  readonly n: number;
  /** The place of its commit in its partition of the log. */
  readonly seq: number;
};

/**
 * What follows in another aggregate from an event in one: event in, commands out. A reaction is told of events
 * at least once, in the order of their partition, so its commands are such that a repeat is recognised. It
 * resolves when they are durable and rejects to be told again.
 */
export type Reaction = {
  readonly name: string;
  readonly react: (event: ReactionEvent, aggregate: Aggregate) => Promise<void> | undefined;
};
