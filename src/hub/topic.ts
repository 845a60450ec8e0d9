import type { Aggregate } from '../events/aggregate.ts';
import type { LoggedEvent } from '../events/commit.ts';
import type { EventLog } from '../events/log.ts';
import { monotonic } from '../runtime/clock.ts';
import { setTimeout } from '../runtime/timers.ts';
import { Deletions } from './deletions.ts';
import type { FindPosition } from './find-position.ts';
import { textFrame } from './frame.ts';
import { Ring, type RingEvent } from './ring.ts';
import type { EndCode, Subscription } from './subscription.ts';
import { type Audience, wireEvent, wireGone } from './wire.ts';

/** A frame of events is about this large at most. */
const frameBytesAim = 256 * 1024;
/** So much is sent at once, however soon after the last flush: half of what the ring keeps, and less. */
const unsentEventsMax = 128;
const unsentBytesMax = 128 * 1024;

export type TopicOptions = {
  readonly aggregate: Aggregate;
  readonly log: EventLog;
  readonly findPlace: FindPosition;
  readonly onError: (error: Error) => void;
};

const eventsFrame = (s: string, events: string): Buffer =>
  textFrame(`{"t":"events","s":"${s}","e":[${events}]}`);

/**
 * One event stream that somebody watches: a ring of its newest events, and those who follow it. Each event is
 * encoded once, each flush is one buffer for all. Who is slow or comes later is a cursor on the ring or the log,
 * never a queue.
 */
export class Topic {
  readonly aggregate: Aggregate;
  readonly ring: Ring;
  readonly subscriptions = new Set<Subscription>();
  readonly #options: TopicOptions;
  readonly #deletions: Deletions;
  /** Up to here everything was sent to those who are live. */
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
   * Takes an event in; it is sent at the next flush, which is now if the ring could not keep many more that were
   * not sent: else everybody would have to read them from the log. Events that are known already are passed over.
   */
  push(event: RingEvent): void {
    if (event.n <= this.ring.head) return;
    this.#deletions.note(event.event);
    this.#unsentBytes += this.ring.push(event, monotonic());
    const unsent = this.ring.head - this.#flushed;
    if (unsent >= unsentEventsMax || this.#unsentBytes >= unsentBytesMax) this.flush();
  }

  /** Sends what has come since the last flush to everybody who is live. */
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
    for (const subscription of this.subscriptions) {
      if (subscription.state !== 'live') continue;
      const { subscriber, s, audience } = subscription;
      if (!subscriber.flowing) {
        this.#fallBehind(subscription, after);
        continue;
      }
      const key = `${audience}${s}`;
      let frame = frames.get(key);
      if (!frame) {
        frame = this.#encode(after, { s, audience });
        frames.set(key, frame);
      }
      subscriber.write(frame);
    }
  }

  /** Begins to follow from a cursor: everything after it is sent once, in order, for as long as it lasts. */
  follow(subscription: Subscription): void {
    subscription.state = 'behind';
    this.#catchUp(subscription).catch((cause: unknown) => {
      const { aggregate } = this;
      this.#options.onError(
        new Error(`a subscription of ${aggregate} cannot be read on`, { cause }),
      );
      const again = () => this.subscriptions.has(subscription) && this.follow(subscription);
      setTimeout(again, 1000).unref();
    });
  }

  /** Ends a subscription after all that has come until now. */
  end(subscription: Subscription, code: EndCode): void {
    this.flush();
    if (subscription.state === 'live') this.#finish(subscription, code);
    else subscription.end ??= { upTo: this.ring.head, code };
  }

  /** Ends a subscription without a word. */
  drop(subscription: Subscription): void {
    subscription.state = 'over';
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
    if (subscription.state !== 'live') return;
    subscription.cursor = cursor;
    this.follow(subscription);
  }

  #finish(subscription: Subscription, code: EndCode): void {
    const { subscriber, s } = subscription;
    subscriber.write(textFrame(JSON.stringify({ t: 'end', s, code })));
    this.drop(subscription);
    subscriber.ended(subscription);
  }

  async #catchUp(subscription: Subscription): Promise<void> {
    const { subscriber, s, audience } = subscription;
    while (subscription.state === 'behind') {
      if (!subscriber.flowing) {
        await subscriber.drained();
        continue;
      }
      if (this.#arrive(subscription)) return;
      const upTo = subscription.end?.upTo ?? this.ring.head;
      const after = subscription.cursor;
      if (after + 1 >= this.ring.first) {
        const { text, last } = this.ring.json({ after, upTo, bytesAim: frameBytesAim }, audience);
        subscription.cursor = last;
        subscriber.write(eventsFrame(s, text));
      } else {
        await this.#replay(subscription, Math.min(upTo, this.ring.first - 1));
      }
    }
  }

  /** Whether a subscription has come to its end, or to where it can be live. Takes no time: nothing comes between. */
  #arrive(subscription: Subscription): boolean {
    const { end, cursor } = subscription;
    if (end && cursor >= end.upTo) {
      this.#finish(subscription, end.code);
      return true;
    }
    if (cursor < this.ring.head) return false;
    this.flush();
    subscription.state = 'live';
    if (subscription.announce) {
      const { subscriber, s } = subscription;
      subscription.announce = false;
      subscriber.write(textFrame(JSON.stringify({ t: 'live', s, n: cursor })));
    }
    return true;
  }

  /** Sends events from the log, up to `upTo` or until the socket is full. */
  async #replay(subscription: Subscription, upTo: number): Promise<void> {
    const { subscriber, s, audience, cursor } = subscription;
    const portion = new Portion(cursor, (n, event) =>
      this.#deletions.covers(event) ? wireGone(n, event) : wireEvent(n, event, audience),
    );
    const send = (): void => {
      if (portion.last === subscription.cursor || subscription.state !== 'behind') return;
      subscriber.write(eventsFrame(s, portion.take()));
      subscription.cursor = portion.last;
    };
    const { log, findPlace } = this.#options;
    await this.#deletions.knowFrom(cursor);
    const from = await findPlace(this.aggregate, cursor);
    for await (const { commit } of log.read(this.aggregate, { after: cursor, from })) {
      for (const [index, event] of commit.events.entries()) {
        if (commit.n + index <= upTo) portion.add(commit.n + index, event);
      }
      if (portion.size > frameBytesAim) send();
      if (portion.last >= upTo || subscription.state !== 'behind' || !subscriber.flowing) break;
    }
    send();
    if (portion.last === cursor) throw new Error(`event ${cursor + 1} is not in the log`);
  }
}

/** Events on their way into one frame. */
class Portion {
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

  /** Adds an event, unless it came already. */
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
