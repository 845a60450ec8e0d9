import type { Aggregate } from '../events/aggregate.ts';
import type { LoggedEvent } from '../events/commit.ts';
import type { EventLog } from '../events/log.ts';
import { monotonic } from '../runtime/clock.ts';
import { setTimeout } from '../runtime/timers.ts';
import { Deletions } from './deletions.ts';
import { fanOut } from './delivery.ts';
import type { FindPosition } from './find-position.ts';
import { textFrame } from './frame.ts';
import { Ring, type RingEvent } from './ring.ts';
import type { CatchingUp, EndCode, Subscription } from './subscription.ts';
import { type Audience, wireEvent, wireGone } from './wire.ts';

/** Target size of a frame of events, in bytes. */
const frameBytesAim = 256 * 1024;
/** With so much unsent the topic is flushed immediately: at most half of what the ring holds. */
const unsentEventsMax = 128;
const unsentBytesMax = 128 * 1024;

export type TopicOptions = {
  readonly aggregate: Aggregate;
  readonly log: EventLog;
  readonly findPosition: FindPosition;
  readonly onError: (error: Error) => void;
};

const eventsFrame = (s: string, events: string): Buffer =>
  textFrame(`{"t":"events","s":"${s}","e":[${events}]}`);

/**
 * An event stream with subscriptions: a ring of its newest events, and its subscribers. Each event is encoded once, and
 * each flush is one buffer for all. A subscriber that is slow or comes later is a cursor on the ring or the log, never a
 * queue.
 */
export class Topic {
  readonly aggregate: Aggregate;
  readonly ring: Ring;
  readonly subscriptions = new Set<Subscription>();
  readonly #options: TopicOptions;
  readonly #deletions: Deletions;
  /** The last event that was sent to live subscriptions. */
  #flushed: number;
  #unsentBytes = 0;

  constructor(options: TopicOptions, start: { readonly n: number; readonly seq: number }) {
    this.#options = options;
    this.aggregate = options.aggregate;
    this.ring = new Ring(start.n, start.seq);
    this.#deletions = new Deletions(options, start.n);
    this.#flushed = start.n;
  }

  get head(): number {
    return this.ring.head;
  }

  /**
   * Adds an event, which is sent at the next flush. Flushes immediately if the ring would soon drop unsent events, which
   * all subscribers would have to read from the log. Ignores events that are known already.
   */
  push(event: RingEvent): void {
    if (event.n <= this.ring.head) return;
    this.#deletions.record(event.event);
    this.#unsentBytes += this.ring.push(event, monotonic());
    const unsent = this.ring.head - this.#flushed;
    if (unsent >= unsentEventsMax || this.#unsentBytes >= unsentBytesMax) this.flush();
  }

  /** Sends the events since the last flush to all live subscriptions. */
  flush(): void {
    const after = this.#flushed;
    const { head } = this.ring;
    if (head === after) return;
    this.#flushed = head;
    this.#unsentBytes = 0;
    if (this.subscriptions.size === 0) return;
    if (this.ring.first > after + 1) {
      for (const subscription of this.subscriptions) this.#fallBehind(subscription, after);
      return;
    }
    const frames = new Map<string, Buffer>();
    fanOut(this.subscriptions, {
      isRecipient: ({ state }) => state.name === 'live',
      frameFor: ({ s, audience }) => {
        const key = `${audience}${s}`;
        const known = frames.get(key);
        if (known) return known;
        const frame = this.#encode(after, { s, audience });
        frames.set(key, frame);
        return frame;
      },
      onSlow: (subscription) => this.#fallBehind(subscription, after),
    });
  }

  /** Sends everything after the cursor once and in order, until the subscription ends. */
  follow(subscription: Subscription, cursor: number): void {
    const { state } = subscription;
    const end = state.name === 'opening' ? state.end : undefined;
    this.#start(subscription, { name: 'behind', cursor, announce: true, end });
  }

  #start(subscription: Subscription, state: CatchingUp): void {
    subscription.state = state;
    this.#catchUp(subscription, state).catch((cause: unknown) => {
      const { aggregate } = this;
      this.#options.onError(
        new Error(`cannot read events of ${aggregate} for a subscription`, { cause }),
      );
      const retry = () => this.subscriptions.has(subscription) && this.#start(subscription, state);
      setTimeout(retry, 1000).unref();
    });
  }

  end(subscription: Subscription, code: EndCode): void {
    this.flush();
    const { state } = subscription;
    if (state.name === 'live') this.#finish(subscription, code);
    else if (state.name !== 'over') state.end ??= { upTo: this.ring.head, code };
  }

  drop(subscription: Subscription): void {
    subscription.state = { name: 'over' };
    this.subscriptions.delete(subscription);
  }

  #encode(after: number, { s, audience }: { s: string; audience: Audience }): Buffer {
    const buffers: Buffer[] = [];
    for (let last = after; last < this.ring.head; ) {
      const page = this.ring.json(
        { after: last, upTo: this.ring.head, bytesAim: frameBytesAim },
        audience,
      );
      buffers.push(eventsFrame(s, page.text));
      last = page.last;
    }
    const [only] = buffers;
    return only && buffers.length === 1 ? only : Buffer.concat(buffers);
  }

  #fallBehind(subscription: Subscription, cursor: number): void {
    if (subscription.state.name !== 'live') return;
    this.#start(subscription, { name: 'behind', cursor, announce: false, end: undefined });
  }

  #finish(subscription: Subscription, code: EndCode): void {
    const { subscriber, s } = subscription;
    subscriber.write(textFrame(JSON.stringify({ t: 'end', s, code })));
    this.drop(subscription);
    subscriber.ended(subscription);
  }

  /** Works while the subscription is in this state. */
  async #catchUp(subscription: Subscription, state: CatchingUp): Promise<void> {
    const { subscriber, s, audience } = subscription;
    while (subscription.state === state) {
      if (!subscriber.flowing) {
        await subscriber.drained();
        continue;
      }
      if (this.#hasCaughtUp(subscription, state)) return;
      const upTo = state.end?.upTo ?? this.ring.head;
      const after = state.cursor;
      if (after + 1 >= this.ring.first) {
        const { text, last } = this.ring.json({ after, upTo, bytesAim: frameBytesAim }, audience);
        state.cursor = last;
        subscriber.write(eventsFrame(s, text));
      } else {
        await this.#replay(subscription, state, Math.min(upTo, this.ring.first - 1));
      }
    }
  }

  /** Ends a subscription that has reached its end, or makes it live at the head. Synchronous: no event comes between. */
  #hasCaughtUp(subscription: Subscription, { end, cursor, announce }: CatchingUp): boolean {
    if (end && cursor >= end.upTo) {
      this.#finish(subscription, end.code);
      return true;
    }
    if (cursor < this.ring.head) return false;
    this.flush();
    subscription.state = { name: 'live' };
    if (announce) {
      const { subscriber, s } = subscription;
      subscriber.write(textFrame(JSON.stringify({ t: 'live', s, n: cursor })));
    }
    return true;
  }

  /** Sends events from the log, up to `upTo` or until the socket does not accept more. */
  async #replay(subscription: Subscription, state: CatchingUp, upTo: number): Promise<void> {
    const { subscriber, s, audience } = subscription;
    const { cursor } = state;
    const batch = new EventBatch(cursor, (n, event) =>
      this.#deletions.covers(event) ? wireGone(n, event) : wireEvent(n, event, audience),
    );
    const send = (): void => {
      if (batch.last === state.cursor || subscription.state !== state) return;
      subscriber.write(eventsFrame(s, batch.take()));
      state.cursor = batch.last;
    };
    const { log, findPosition } = this.#options;
    await this.#deletions.loadFrom(cursor);
    const from = await findPosition(this.aggregate, cursor);
    for await (const { commit } of log.read(this.aggregate, { after: cursor, from })) {
      for (const [index, event] of commit.events.entries()) {
        if (commit.n + index <= upTo) batch.add(commit.n + index, event);
      }
      if (batch.size > frameBytesAim) send();
      if (batch.last >= upTo || subscription.state !== state || !subscriber.flowing) break;
    }
    send();
    if (batch.last === cursor) throw new Error(`event ${cursor + 1} is not in the log`);
  }
}

/** The encoded events of one frame. */
class EventBatch {
  last: number;
  #text = '';
  readonly #encode: (n: number, event: LoggedEvent) => string;

  constructor(after: number, encode: (n: number, event: LoggedEvent) => string) {
    this.last = after;
    this.#encode = encode;
  }

  get size(): number {
    return this.#text.length;
  }

  /** Adds an event, unless it was added before. */
  add(n: number, event: LoggedEvent): void {
    if (n <= this.last) return;
    const json = this.#encode(n, event);
    this.#text = this.#text === '' ? json : `${this.#text},${json}`;
    this.last = n;
  }

  take(): string {
    const text = this.#text;
    this.#text = '';
    return text;
  }
}
