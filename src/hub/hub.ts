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
  readonly findPlace: FindPosition;
  /** Told of every session that was closed, on whatever node. */
  readonly onSessionClosed: (session: SessionId, user: UserId) => void;
  readonly onError: (error: Error) => void;
};

type Opening = { readonly topic: Promise<Topic>; early: Recorded[] };

const sweepEveryMs = 30_000;

/**
 * How events reach sockets. It listens to each partition of the log as a whole, so a circle's removals and its
 * streams' messages come in the one order in which they stand in the log, and passes on what somebody watches.
 */
export class Hub {
  /** Events that were passed on to topics, for the metrics. */
  events = 0;
  readonly #options: HubOptions;
  readonly #topics = new Map<Aggregate, Topic>();
  readonly #opening = new Map<Aggregate, Opening>();
  /** The topics of each circle that somebody watches: its own and those of its streams. */
  readonly #circles = new Map<CircleId, Set<Topic>>();
  readonly #feeds: LiveSubscription[] = [];
  /** Up to where each partition has been heard. */
  readonly #heard: number[] = [];
  readonly #waiting = new Set<{ partition: number; seq: number; resolve: () => void }>();
  readonly #clock = new FlushClock();
  #attendant: (recorded: Recorded) => void = () => undefined;
  readonly #sweeping: NodeJS.Timeout;

  constructor(options: HubOptions) {
    this.#options = options;
    this.#sweeping = setInterval(() => this.#sweep(), sweepEveryMs).unref();
  }

  /** Has somebody told of every commit, after the hub has ended what must end by it. Called before `start`. */
  listen(hear: (recorded: Recorded) => void): void {
    this.#attendant = hear;
  }

  /** Starts to listen. */
  async start(): Promise<void> {
    const { log } = this.#options;
    for (let partition = 0; partition < log.info.partitions; partition++) {
      const feed = await log.live(partition, (recorded) => this.#hear(partition, recorded));
      this.#heard[partition] = Math.max(this.#heard[partition] ?? 0, feed.after);
      this.#feeds.push(feed);
    }
  }

  stop(): void {
    clearInterval(this.#sweeping);
    for (const feed of this.#feeds) feed.stop();
    for (const topic of this.#topics.values()) topic.flush();
  }

  /** How many event streams somebody watches, for the metrics. */
  get watched(): number {
    return this.#topics.size;
  }

  /** How many subscriptions there are, for the metrics. */
  get subscriptions(): number {
    let sum = 0;
    for (const topic of this.#topics.values()) sum += topic.subscriptions.size;
    return sum;
  }

  /** The topic of an event stream that somebody watches. */
  watchedTopic(aggregate: Aggregate): Topic | undefined {
    return this.#topics.get(aggregate);
  }

  /** Up to where a partition has been heard: a place in the log. */
  received(partition: number): number {
    return this.#heard[partition] ?? 0;
  }

  /** Resolves when a partition has been heard up to a place. */
  whenHeard(partition: number, seq: number): Promise<void> {
    if (this.received(partition) >= seq) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.add({ partition, seq, resolve }));
  }

  /** Resolves when what the log holds of an event stream now has been heard; gives its tail. */
  async catchUp(aggregate: Aggregate): Promise<Tail> {
    const { log } = this.#options;
    const tail = await log.tail(aggregate);
    await this.whenHeard(partitionOf(aggregate, log.info.partitions), tail.seq);
    return tail;
  }

  /** The topic of an event stream, whose head is at least what the log's was when it was asked for. */
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
   * Adds what `make` gives for the topic of an event stream: it is told of the end of its rights from now on. In one
   * step, so that the topic is not let go between.
   */
  async watch(aggregate: Aggregate, make: (topic: Topic) => Subscription): Promise<Subscription> {
    const subscription = make(await this.topic(aggregate));
    subscription.topic.subscriptions.add(subscription);
    return subscription;
  }

  async #open(aggregate: Aggregate, early: Recorded[]): Promise<Topic> {
    const { log, findPlace, onError } = this.#options;
    const tail = await this.catchUp(aggregate);
    const options = { aggregate, log, findPlace, onError };
    const topic = new Topic(options, tail);
    for (const recorded of early) this.#pass(topic, recorded);
    this.#topics.set(aggregate, topic);
    const parts = partsOf(aggregate);
    if ('circle' in parts) {
      const topics = this.#circles.get(parts.circle);
      if (topics) topics.add(topic);
      else this.#circles.set(parts.circle, new Set([topic]));
    }
    return topic;
  }

  #hear(partition: number, recorded: Recorded): void {
    const { aggregate, commit, seq } = recorded;
    this.#opening.get(aggregate)?.early.push(recorded);
    const kind = kindOf(aggregate);
    if (kind === 'user') this.#hearUser(recorded);
    const topic = this.#topics.get(aggregate);
    const watched = kind === 'circle' ? this.#circles.get(circleOf(aggregate)) : undefined;
    if (watched) this.#passCircle(watched, topic, recorded);
    else if (topic) this.#pass(topic, recorded);
    this.#attendant(recorded);
    this.#heard[partition] = seq;
    if (topic) this.events += commit.events.length;
    for (const waiter of this.#waiting) {
      if (waiter.partition !== partition || waiter.seq > seq) continue;
      this.#waiting.delete(waiter);
      waiter.resolve();
    }
  }

  #hearUser({ aggregate, commit }: Recorded): void {
    for (const event of commit.events) {
      if (event.k !== 'session-closed') continue;
      this.#options.onSessionClosed(event.d.id as SessionId, aggregate.slice(5) as UserId);
    }
  }

  #pass(topic: Topic, { commit, seq }: Recorded): void {
    for (const [index, event] of commit.events.entries()) {
      topic.push({ n: commit.n + index, seq, index, event });
    }
    this.#clock.mark(topic);
  }

  /** Passes a circle's events on, and ends the subscriptions of whoever loses the right to read by one. */
  #passCircle(
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
      if (subscription.subscriber.user === change.user) topic.end(subscription, 'removed');
    }
  }

  /** Lets go of old events, and of topics that nobody watches any more. */
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
