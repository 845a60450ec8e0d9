import { type AccessChange, accessChange } from '../access/changes.ts';
import {
  type Aggregate,
  circleAggregate,
  kindOf,
  partitionOf,
  partsOf,
} from '../events/aggregate.ts';
import type { CircleId, SessionId, UserId } from '../events/ids.ts';
import type { EventLog, LiveSubscription, Recorded, Tail } from '../events/log.ts';
import { monotonic } from '../runtime/clock.ts';
import { clearInterval, setInterval } from '../runtime/timers.ts';
import type { FindPosition } from './find-position.ts';
import { FlushClock } from './flush-clock.ts';
import type { Subscription } from './subscription.ts';
import { Topic } from './topic.ts';

export type HubOptions = {
  readonly log: EventLog;
  readonly findPosition: FindPosition;
  /** Called for every session that was closed, on any node. */
  readonly onSessionClosed: (session: SessionId, user: UserId) => void;
  readonly onError: (error: Error) => void;
};

type Opening = { readonly topic: Promise<Topic>; early: Recorded[] };

const sweepEveryMs = 30_000;

/**
 * Delivers events to subscriptions. It follows each partition of the log as a whole, so that a circle's removals and its
 * streams' messages arrive in the order of the log, and forwards the events of topics.
 */
export class Hub {
  /** Events forwarded to topics, for the metrics. */
  events = 0;
  readonly #options: HubOptions;
  readonly #topics = new Map<Aggregate, Topic>();
  readonly #opening = new Map<Aggregate, Opening>();
  /** The topics of each circle: its own and those of its streams. */
  readonly #circles = new Map<CircleId, Set<Topic>>();
  readonly #feeds: LiveSubscription[] = [];
  /** The position up to which each partition has been received. */
  readonly #received: number[] = [];
  readonly #waiting = new Set<{ partition: number; seq: number; resolve: () => void }>();
  readonly #clock = new FlushClock();
  #onCommit: (recorded: Recorded) => void = () => undefined;
  #needs: (stream: Aggregate) => boolean = () => true;
  readonly #sweeping: NodeJS.Timeout;

  constructor(options: HubOptions) {
    this.#options = options;
    this.#sweeping = setInterval(() => this.#sweep(), sweepEveryMs).unref();
  }

  /**
   * Sets the listener of commits, called after the hub has ended the subscriptions that end by one; it gets those of
   * streams that it needs, at least. Before `start`.
   */
  listen(onCommit: (recorded: Recorded) => void, needs = this.#needs): void {
    this.#onCommit = onCommit;
    this.#needs = needs;
  }

  async start(): Promise<void> {
    const { log } = this.#options;
    for (let partition = 0; partition < log.info.partitions; partition++) {
      const feed = await log.live(partition, (recorded) => this.#receive(partition, recorded), {
        skips: (aggregate, seq) => this.#skips(partition, aggregate, seq),
      });
      this.#received[partition] = Math.max(this.#received[partition] ?? 0, feed.after);
      this.#feeds.push(feed);
    }
  }

  stop(): void {
    clearInterval(this.#sweeping);
    for (const feed of this.#feeds) feed.stop();
    for (const topic of this.#topics.values()) topic.flush();
  }

  /** Event streams with a topic, for the metrics. */
  get watched(): number {
    return this.#topics.size;
  }

  /** All subscriptions, for the metrics. */
  get subscriptions(): number {
    let sum = 0;
    for (const topic of this.#topics.values()) sum += topic.subscriptions.size;
    return sum;
  }

  /** The topic of an event stream, if there is one. */
  watchedTopic(aggregate: Aggregate): Topic | undefined {
    return this.#topics.get(aggregate);
  }

  /** The position up to which a partition has been received. */
  received(partition: number): number {
    return this.#received[partition] ?? 0;
  }

  /** The same of all partitions. */
  get positions(): readonly number[] {
    return this.#received;
  }

  /** Resolves when a partition has been received up to a position. */
  whenReceived(partition: number, seq: number): Promise<void> {
    if (this.received(partition) >= seq) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.add({ partition, seq, resolve }));
  }

  /** Resolves with the tail of an event stream once everything up to it has been received. */
  async catchUp(aggregate: Aggregate): Promise<Tail> {
    const { log } = this.#options;
    const tail = await log.tail(aggregate);
    await this.whenReceived(partitionOf(aggregate, log.info.partitions), tail.seq);
    return tail;
  }

  /** The topic of an event stream. Its head is at least the head of the log at the time of the call. */
  async topic(aggregate: Aggregate): Promise<Topic> {
    const known = this.#topics.get(aggregate);
    if (known) return known;
    const opening = this.#opening.get(aggregate);
    if (opening) return opening.topic;
    const early: Recorded[] = [];
    const topic = this.#open(aggregate, early).finally(() => this.#opening.delete(aggregate));
    this.#opening.set(aggregate, { topic, early });
    return topic;
  }

  /**
   * Adds the subscription that `make` returns for the topic: from now on it is ended when access ends. Synchronous once
   * the topic is known, so that the topic is not removed in between.
   */
  async watch(aggregate: Aggregate, make: (topic: Topic) => Subscription): Promise<Subscription> {
    const subscription = make(await this.topic(aggregate));
    subscription.topic.subscriptions.add(subscription);
    return subscription;
  }

  async #open(aggregate: Aggregate, early: Recorded[]): Promise<Topic> {
    const { log, findPosition, onError } = this.#options;
    const tail = await this.catchUp(aggregate);
    const options = { aggregate, log, findPosition, onError };
    const topic = new Topic(options, tail);
    for (const recorded of early) this.#forward(topic, recorded);
    this.#topics.set(aggregate, topic);
    const parts = partsOf(aggregate);
    if ('circle' in parts) {
      const topics = this.#circles.get(parts.circle);
      if (topics) topics.add(topic);
      else this.#circles.set(parts.circle, new Set([topic]));
    }
    return topic;
  }

  #receive(partition: number, recorded: Recorded): void {
    const { aggregate, commit, seq } = recorded;
    this.#opening.get(aggregate)?.early.push(recorded);
    const kind = kindOf(aggregate);
    if (kind === 'user') this.#closeSessions(recorded);
    const topic = this.#topics.get(aggregate);
    const watched = kind === 'circle' ? this.#circles.get(circleOf(aggregate)) : undefined;
    if (watched) this.#forwardCircle(watched, topic, recorded);
    else if (topic) this.#forward(topic, recorded);
    this.#onCommit(recorded);
    if (topic) this.events += commit.events.length;
    this.#arrived(partition, seq);
  }

  /** Whether nobody here needs a commit: what happens in streams that no user of this node may read. */
  #skips(partition: number, aggregate: Aggregate, seq: number): boolean {
    if (kindOf(aggregate) !== 'stream' || this.#needs(aggregate)) return false;
    if (this.#topics.has(aggregate) || this.#opening.has(aggregate)) return false;
    this.#arrived(partition, seq);
    return true;
  }

  #arrived(partition: number, seq: number): void {
    this.#received[partition] = seq;
    for (const waiter of this.#waiting) {
      if (waiter.partition !== partition || waiter.seq > seq) continue;
      this.#waiting.delete(waiter);
      waiter.resolve();
    }
  }

  #closeSessions({ aggregate, commit }: Recorded): void {
    for (const event of commit.events) {
      if (event.k !== 'session-closed') continue;
      this.#options.onSessionClosed(event.d.id as SessionId, aggregate.slice(5) as UserId);
    }
  }

  #forward(topic: Topic, { commit, seq }: Recorded): void {
    for (const [index, event] of commit.events.entries()) {
      topic.push({ n: commit.n + index, seq, index, event });
    }
    this.#clock.mark(topic);
  }

  /** Forwards a circle's events, and ends the subscriptions of users who lose access by one. */
  #forwardCircle(
    watched: ReadonlySet<Topic>,
    topic: Topic | undefined,
    { commit, seq }: Recorded,
  ): void {
    for (const [index, event] of commit.events.entries()) {
      const change = accessChange(event);
      if (change) for (const each of watched) this.#end(each, change);
      topic?.push({ n: commit.n + index, seq, index, event });
    }
    if (topic) this.#clock.mark(topic);
  }

  #end(topic: Topic, change: AccessChange): void {
    if (change.change === 'granted') return;
    if (change.change === 'ended') {
      const { stream } = change;
      if (stream !== undefined && !isStream(topic.aggregate, stream)) return;
      for (const subscription of topic.subscriptions) topic.end(subscription, 'deleted');
      return;
    }
    for (const subscription of topic.subscriptions) {
      if (subscription.user === change.user) topic.end(subscription, 'removed');
    }
  }

  /** Removes old events, and topics without subscriptions. */
  #sweep(): void {
    const now = monotonic();
    for (const [aggregate, topic] of this.#topics) {
      topic.ring.expire(now);
      if (topic.subscriptions.size > 0) continue;
      this.#topics.delete(aggregate);
      const parts = partsOf(aggregate);
      if (!('circle' in parts)) continue;
      const topics = this.#circles.get(parts.circle);
      topics?.delete(topic);
      if (topics?.size === 0) this.#circles.delete(parts.circle);
    }
  }
}

const circleOf = (aggregate: Aggregate): CircleId =>
  aggregate.slice(circleAggregate('' as CircleId).length) as CircleId;

const isStream = (aggregate: Aggregate, id: string): boolean =>
  kindOf(aggregate) === 'stream' && aggregate.endsWith(`.${id}`);
