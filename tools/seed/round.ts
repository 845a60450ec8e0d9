import { type Aggregate, userAggregate } from '../../src/events/aggregate.ts';
import { commitEventsMax, type LoggedEvent } from '../../src/events/commit.ts';
import type { UserId } from '../../src/events/ids.ts';
import type { KnownEvent } from '../../src/events/kinds/kinds.ts';

/** One commit to come: what happened to one aggregate, in order. */
export type Draft = { readonly aggregate: Aggregate; readonly events: LoggedEvent[] };

/** Who did something, and when. */
export type Stamp = { readonly by: string; readonly at: number };

/** A round is full with so many commits; they are appended together. */
const draftsMax = 8000;

/**
 * What happened within a stretch of time, one commit for each aggregate, in the order in which the aggregates were
 * first touched. It counts the events of every aggregate from the beginning of the history.
 */
export class Round {
  readonly #versions = new Map<Aggregate, number>();
  #drafts = new Map<Aggregate, Draft>();
  /** Events so far, of this round and of those before. */
  events = 0;

  get isFull(): boolean {
    return this.#drafts.size >= draftsMax;
  }

  /** Whether the aggregate's commit can hold more. */
  hasRoom(aggregate: Aggregate): boolean {
    return (this.#drafts.get(aggregate)?.events.length ?? 0) < commitEventsMax / 2;
  }

  /** Adds events; gives the number of the last one. */
  add(aggregate: Aggregate, { by, at }: Stamp, ...events: readonly KnownEvent[]): number {
    const draft = this.#drafts.get(aggregate) ?? { aggregate, events: [] };
    this.#drafts.set(aggregate, draft);
    for (const event of events) draft.events.push({ ...event, at, by });
    const n = (this.#versions.get(aggregate) ?? 0) + events.length;
    this.#versions.set(aggregate, n);
    this.events += events.length;
    return n;
  }

  /** Tells a user what an event of a circle means for them. */
  tell(user: string, stamp: Stamp, event: KnownEvent): void {
    this.add(userAggregate(user as UserId), stamp, event);
  }

  /** The commits of the round; the next one begins. */
  take(): readonly Draft[] {
    const drafts = [...this.#drafts.values()];
    this.#drafts = new Map();
    return drafts;
  }
}
