import type { Aggregate } from '../../events/aggregate.ts';
import type { LoggedEvent } from '../../events/commit.ts';

export type ReactionEvent = LoggedEvent & {
  /** Its number in its event stream. */
  readonly n: number;
  /** The sequence number of its commit in its partition of the log. */
  readonly seq: number;
};

/**
 * What an event in one aggregate causes in another: event in, commands out. A reaction receives events at least once,
 * in the order of their partition, so its commands must be idempotent. It resolves when they are durable, and rejects
 * to receive the event again.
 */
export type Reaction = {
  readonly name: string;
  /** The kinds of event that it receives. */
  readonly kinds: ReadonlySet<string>;
  readonly react: (event: ReactionEvent, aggregate: Aggregate) => Promise<void>;
};
