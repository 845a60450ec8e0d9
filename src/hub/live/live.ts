import { accessChange } from '../../access/changes.ts';
import { limits } from '../../app/limits/limits.ts';
import type { MarkerMoved } from '../../app/operations/operation.ts';
import { allPages, type KeysetPage } from '../../app/pages.ts';
import type { ReadBarrier } from '../../app/read-barrier.ts';
import { type Aggregate, circleAggregate, partitionOf, partsOf } from '../../events/aggregate.ts';
import type { LoggedEvent } from '../../events/commit.ts';
import type { CircleId, UserId } from '../../events/ids.ts';
import type { Recorded } from '../../events/log.ts';
import { formatStreamPath } from '../../events/stream-path.ts';
import type { ReadModels } from '../../projections/read-models.ts';
import { clearInterval, setInterval, sleep } from '../../runtime/timers.ts';
import { Delivery } from '../delivery.ts';
import type { Hub } from '../hub.ts';
import { Activities } from './activities.ts';
import { Exchange } from './exchange.ts';
import type { OtherNodes } from './other-nodes.ts';
import { Presence, type PresenceView } from './presence.ts';
import { type Listener, type Membership, type Person, Roster } from './roster.ts';
import type { Signal } from './signal.ts';
import { Signals } from './signals.ts';

export type LiveOptions = {
  readonly hub: Pick<Hub, 'received' | 'watchedTopic'>;
  readonly models: Pick<ReadModels, 'memberships' | 'circles'>;
  readonly barrier: Pick<ReadBarrier, 'waitUntilApplied'>;
  readonly partitions: number;
  readonly nodes: OtherNodes;
  /** Whether signals have a rate. */
  readonly rateLimits: boolean;
  /** A monotonic clock, in ms. */
  readonly monotonic: () => number;
  readonly onError: (error: Error) => void;
};

/**
 * What is sent as it happens and never repeated (W17): activity, signals, presence. All of it may be lost, and nobody
 * receives what they may not read.
 */
export class Live {
  readonly #options: LiveOptions;
  readonly #delivery = new Delivery();
  readonly #roster: Roster;
  readonly #presence: Presence;
  readonly #exchange: Exchange;
  readonly #activities: Activities;
  readonly #signals: Signals;
  #ticking: NodeJS.Timeout | undefined;

  constructor(options: LiveOptions) {
    this.#options = options;
    const { hub, nodes, partitions, rateLimits, monotonic, onError } = options;
    const received = (circle: CircleId) =>
      hub.received(partitionOf(circleAggregate(circle), partitions));
    const roster = new Roster({
      circlesOf: (user) => this.#circlesOf(user),
      received,
      now: monotonic,
      onKnown: ({ user }) => this.#exchange.circlesChanged(user),
      onJoined: (circle, person) => this.#presence.joined(circle, person),
      onError,
    });
    const delivery = this.#delivery;
    const presence = new Presence({ roster, hub, nodes, now: monotonic, delivery });
    this.#roster = roster;
    this.#presence = presence;
    this.#exchange = new Exchange({ roster, hub, nodes, presence, partitions });
    this.#signals = new Signals({ roster, hub, nodes, rateLimits, monotonic, delivery });
    this.#activities = new Activities({ roster, delivery });
  }

  /** Frames dropped because a socket was too slow, for the metrics. */
  get dropped(): Delivery['dropped'] {
    return this.#delivery.dropped;
  }

  /** Call it when the hub receives the log, and before there are connections. */
  start(): void {
    this.#exchange.start();
    this.#ticking = setInterval(() => this.tick(), limits.presenceMs).unref();
  }

  stop(): void {
    clearInterval(this.#ticking);
    this.#activities.stop();
  }

  /** Sends circles the changes of presence since the last tick. */
  tick(): void {
    this.#exchange.tick();
    this.#presence.tick();
  }

  /** Resolves when a user's circles are known, so that nothing is missed after hello, or after `othersMs`. */
  async expect(user: UserId): Promise<void> {
    const person = this.#roster.expect(user);
    this.#presence.changed(person);
    if (person.isKnown) return;
    const giveUp = new AbortController();
    const timeout = sleep(limits.othersMs, { signal: giveUp.signal });
    await Promise.race([this.#roster.know(person), timeout.catch(() => undefined)]);
    giveUp.abort();
  }

  /** Starts delivery to a user's connection. */
  admit(listener: Listener, user: UserId): void {
    this.#connectionsChanged(this.#roster.connect(user, listener));
  }

  /** Stops delivery to a connection. */
  leave(listener: Listener, user: UserId): void {
    const person = this.#roster.disconnect(user, listener);
    if (person) this.#connectionsChanged(person);
  }

  signal(listener: Listener, user: UserId, signal: Signal): void {
    if (signal.k === 'typing') {
      this.#signals.typing(user, listener, signal.s);
      return;
    }
    const person = this.#roster.person(user);
    if (!person?.connections.has(listener)) return;
    person.connections.set(listener, signal.d.status);
    this.#presence.changed(person);
    this.#exchange.statusChanged(person);
  }

  /** Notifies a user's other connections of a new read marker. */
  readonly notifyRead = (moved: MarkerMoved): void => this.#signals.moved(moved);

  presenceOf(circle: CircleId): PresenceView {
    return this.#presence.of(circle);
  }

  #connectionsChanged(person: Person): void {
    this.#presence.changed(person);
    this.#exchange.connectionsChanged(person);
  }

  /** Handles a commit after the hub has ended the subscriptions that end by it. */
  readonly onCommit = ({ aggregate, commit, seq }: Recorded): void => {
    if (aggregate.startsWith('stream.')) {
      for (const event of commit.events) this.#onStreamEvent(aggregate, event);
    } else if (aggregate.startsWith('circle.')) {
      const parts = partsOf(aggregate);
      if (parts.kind !== 'circle') return;
      for (const event of commit.events) this.#onCircleEvent(parts.circle, event, seq);
    }
  };

  /** Whether a user of this node may read a stream. */
  readonly needs = (stream: Aggregate): boolean => {
    const parts = partsOf(stream);
    return 'circle' in parts && this.#roster.members(parts.circle).size > 0;
  };

  #onStreamEvent(aggregate: Aggregate, event: LoggedEvent): void {
    if (event.k === 'message-edited' || event.k === 'message-deleted')
      this.#activities.changed(aggregate);
    if (event.k !== 'message-posted') return;
    this.#activities.posted(aggregate, event.d);
    const user = event.by as UserId;
    const parts = partsOf(aggregate);
    if (parts.kind !== 'stream' || !this.#roster.person(user)?.isHere) return;
    const s = formatStreamPath(parts.circle, parts.stream);
    this.#signals.read({ user, s, m: event.d.m, conn: event.conn });
  }

  #onCircleEvent(circle: CircleId, event: LoggedEvent, seq: number): void {
    this.#roster.apply(circle, event, seq);
    const change = accessChange(event);
    if (change?.change === 'ended') this.#activities.ended(circle, change.stream);
    if (change?.change === 'granted') this.#exchange.circlesChanged(change.user as UserId);
  }

  /** Waits until the read models have applied all that the hub has received, so that no ended membership is found. */
  async #circlesOf(user: UserId): Promise<Membership[]> {
    const { hub, barrier, models, partitions } = this.#options;
    const received = Array.from({ length: partitions }, (_, partition) => hub.received(partition));
    for (const [partition, seq] of received.entries())
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
