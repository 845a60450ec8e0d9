import { accessChange } from '../../access/changes.ts';
import { limits } from '../../app/limits/limits.ts';
import type { MarkerMoved } from '../../app/operations/operation.ts';
import { allPages, type KeysetPage } from '../../app/pages.ts';
import type { ReadBarrier } from '../../app/read-barrier.ts';
import { type Aggregate, circleAggregate, partitionOf, partsOf } from '../../events/aggregate.ts';
import type { LoggedEvent } from '../../events/commit.ts';
import type { CircleId, UserId } from '../../events/ids.ts';
import type { Recorded } from '../../events/log.ts';
import type { ReadModels } from '../../projections/read-models.ts';
import { clearInterval, setInterval, sleep } from '../../runtime/timers.ts';
import type { Hub } from '../hub.ts';
import { Activities } from './activities.ts';
import { LocalPresence, type PresenceView } from './presence.ts';
import { type Listener, type Membership, Roster } from './roster.ts';
import type { Signal } from './signal.ts';
import { Signals } from './signals.ts';

export type LiveOptions = {
  readonly hub: Pick<Hub, 'received' | 'watchedTopic'>;
  readonly models: Pick<ReadModels, 'memberships' | 'circles'>;
  readonly barrier: Pick<ReadBarrier, 'waitUntilApplied'>;
  readonly partitions: number;
  /** Whether signals have a rate. */
  readonly rateLimits: boolean;
  /** A clock that only goes forward, in ms. */
  readonly monotonic: () => number;
  readonly onError: (error: Error) => void;
};

/**
 * What is told as it happens and never again (W17): activity, signals, presence. All of it may be lost, and none of
 * it is told to somebody who may not know it.
 */
export class Live {
  /** What was not told since a socket was too slow, for the metrics. */
  readonly dropped = { activities: 0, signals: 0 };
  readonly #options: LiveOptions;
  readonly #roster: Roster;
  readonly #presence: LocalPresence;
  readonly #activities: Activities;
  readonly #signals: Signals;
  #ticking: NodeJS.Timeout | undefined;

  constructor(options: LiveOptions) {
    this.#options = options;
    const { hub, partitions, rateLimits, monotonic, onError } = options;
    const heard = (circle: CircleId) =>
      hub.received(partitionOf(circleAggregate(circle), partitions));
    const circlesOf = (user: UserId) => this.#circlesOf(user);
    const roster = new Roster({ circlesOf, heard, now: monotonic, onError });
    const onDropped = (count: number): void => {
      this.dropped.signals += count;
    };
    this.#roster = roster;
    this.#presence = new LocalPresence({ roster, hub, now: monotonic, onDropped });
    this.#signals = new Signals({ roster, hub, rateLimits, monotonic, onDropped });
    this.#activities = new Activities({
      roster,
      onDropped: (count) => {
        this.dropped.activities += count;
      },
    });
  }

  start(): void {
    this.#ticking = setInterval(() => this.tick(), limits.presenceMs).unref();
  }

  stop(): void {
    clearInterval(this.#ticking);
    this.#activities.stop();
  }

  /** Tells circles who came and went since the last time. */
  tick(): void {
    this.#presence.tick();
  }

  /** Resolves when somebody's circles are known, so that nothing is missed after hello, or else shortly after. */
  async expect(user: UserId): Promise<void> {
    const person = this.#roster.expect(user);
    this.#presence.changed(person);
    if (person.isKnown) return;
    const giveUp = new AbortController();
    const patience = sleep(limits.othersMs, { signal: giveUp.signal });
    await Promise.race([this.#roster.know(person), patience.catch(() => undefined)]);
    giveUp.abort();
  }

  /** A connection is somebody's from now on. */
  admit(listener: Listener, user: UserId): void {
    const person = this.#roster.expect(user);
    person.connections.set(listener, 'online');
    this.#presence.changed(person);
  }

  /** A connection is not told anything any more. */
  leave(listener: Listener, user: UserId): void {
    const person = this.#roster.person(user);
    if (!person?.connections.delete(listener)) return;
    person.goneAt = this.#options.monotonic();
    this.#presence.changed(person);
  }

  /** Takes a signal from a connection. */
  signal(listener: Listener, user: UserId, signal: Signal): void {
    if (signal.k === 'typing') {
      this.#signals.typing(user, listener, signal.s);
      return;
    }
    const person = this.#roster.person(user);
    if (!person?.connections.has(listener)) return;
    person.connections.set(listener, signal.d.status);
    this.#presence.changed(person);
  }

  /** Tells somebody's other connections that they have read on. */
  readonly tellRead = (moved: MarkerMoved): void => this.#signals.read(moved);

  /** Who of a circle is there now. */
  presenceOf(circle: CircleId): PresenceView {
    return this.#presence.of(circle);
  }

  /** Hears a commit as the hub hears it, after the hub has ended what must end by it. */
  readonly onCommit = ({ aggregate, commit }: Recorded): void => {
    if (aggregate.startsWith('stream.')) {
      for (const event of commit.events) this.#hearStream(aggregate, event);
    } else if (aggregate.startsWith('circle.')) {
      const parts = partsOf(aggregate);
      if (parts.kind !== 'circle') return;
      for (const event of commit.events) this.#hearCircle(parts.circle, event);
    }
  };

  #hearStream(aggregate: Aggregate, event: LoggedEvent): void {
    if (event.k === 'message-edited' || event.k === 'message-deleted')
      this.#activities.changed(aggregate);
    if (event.k !== 'message-posted') return;
    this.#activities.posted(aggregate, event.d);
    const user = event.by as UserId;
    const parts = partsOf(aggregate);
    if (parts.kind !== 'stream' || !this.#roster.person(user)) return;
    const s = `${parts.circle}/${parts.stream}`;
    this.#signals.read({ user, s, m: event.d.m, conn: event.conn });
  }

  #hearCircle(circle: CircleId, event: LoggedEvent): void {
    const joined = this.#roster.apply(circle, event);
    if (joined) this.#presence.joined(circle, joined);
    const change = accessChange(event);
    if (change?.change === 'ended') this.#activities.ended(circle, change.stream);
  }

  /** The read models show what the hub has heard by now: nobody is found in a circle that they were heard to leave. */
  async #circlesOf(user: UserId): Promise<Membership[]> {
    const { hub, barrier, models, partitions } = this.#options;
    const heard = Array.from({ length: partitions }, (_, partition) => hub.received(partition));
    for (const [partition, seq] of heard.entries())
      await barrier.waitUntilApplied({ partition, seq });
    const memberships: Membership[] = [];
    const read = (page: KeysetPage) => models.memberships.ofUser(user, page);
    for await (const rows of allPages(limits.pageMax, read, ({ circle }) => circle)) {
      const open = await models.circles.getMany(rows.map(({ circle }) => circle));
      for (const { circle, joinedSeq } of rows) {
        if (open.has(circle)) memberships.push({ circle: circle as CircleId, joinedSeq });
      }
    }
    return memberships;
  }
}
