import type { EventRange } from '../projections/replay.ts';
import { textOf } from './deletions.ts';
import { type Audience, hasManagerFields, wireEvent, wireGone } from './wire.ts';

/** An event that the hub holds for the subscribers of its event stream. */
export type RingEvent = EventRange['events'][number];

const eventsMax = 256;
const bytesMax = 512 * 1024;
const ageMaxMs = 300_000;

type Held = RingEvent & {
  readonly json: Map<Audience, string> | undefined;
  text: string;
  /** When it was added, by a monotonic clock. */
  readonly addedAt: number;
};

/** The newest events of one event stream, without a gap. Bounded in number, bytes and age. */
export class Ring {
  /** The number of the newest known event, whether it is in the ring or not. */
  head: number;
  /** All events that are not in the ring are at or before this position in the log. */
  floorSeq: number;
  #events: Held[] = [];
  /** The index of the oldest event in `#events`; those before it have been removed. */
  #start = 0;
  #bytes = 0;

  constructor(head: number, floorSeq: number) {
    this.head = head;
    this.floorSeq = floorSeq;
  }

  /** The number of the oldest event in the ring; head + 1 if the ring is empty. */
  get first(): number {
    return this.#events[this.#start]?.n ?? this.head + 1;
  }

  /** Adds the next event, at a time of a monotonic clock in ms; returns its size. */
  push(ringEvent: RingEvent, addedAt: number): number {
    const text = wireEvent(ringEvent.n, ringEvent.event, 'members');
    const json = hasManagerFields(ringEvent.event)
      ? new Map<Audience, string>([
          ['managers', wireEvent(ringEvent.n, ringEvent.event, 'managers')],
        ])
      : undefined;
    this.#events.push({ ...ringEvent, json, text, addedAt });
    this.#bytes += text.length;
    this.head = ringEvent.n;
    if (ringEvent.event.k === 'message-deleted') this.#forget(ringEvent.event.d.id);
    while (this.#events.length - this.#start > eventsMax || this.#bytes > bytesMax)
      this.#removeOldest();
    return text.length;
  }

  /** Removes events that are too old. */
  expire(now: number): void {
    while ((this.#events[this.#start]?.addedAt ?? now) < now - ageMaxMs) this.#removeOldest();
  }

  /** The events after `n`. Requires `n + 1 >= first`. */
  after(n: number): readonly RingEvent[] {
    return this.#events.slice(this.#start + (n + 1 - this.first));
  }

  /** The events after `after` up to `upTo` as JSON of about `bytesAim` at most, and the number of the last. */
  json(
    { after, upTo, bytesAim }: { after: number; upTo: number; bytesAim: number },
    audience: Audience,
  ): { readonly text: string; readonly last: number } {
    let text = '';
    let last = after;
    let at = this.#start + (after + 1 - this.first);
    for (; last < upTo && text.length < bytesAim; at++) {
      const held = this.#events[at];
      if (!held) break;
      const json = held.json?.get(audience) ?? held.text;
      text = text === '' ? json : `${text},${json}`;
      last = held.n;
    }
    return { text, last };
  }

  /** Removes the text of a deleted message from its events. */
  #forget(id: string): void {
    for (const held of this.#events.slice(this.#start)) {
      if (textOf(held.event) !== id) continue;
      this.#bytes -= held.text.length;
      held.text = wireGone(held.n, held.event);
      this.#bytes += held.text.length;
    }
  }

  #removeOldest(): void {
    const oldest = this.#events[this.#start];
    if (!oldest) return;
    this.#bytes -= oldest.text.length;
    this.floorSeq = oldest.seq;
    this.#start++;
    if (this.#start < eventsMax) return;
    this.#events = this.#events.slice(this.#start);
    this.#start = 0;
  }
}
