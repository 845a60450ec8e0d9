import type { LoggedEvent } from '../events/commit.ts';
import { textOf } from './deletions.ts';
import { type Audience, isGuarded, wireEvent, wireGone } from './wire.ts';

/** An event that the hub holds for those who watch its event stream. */
export type RingEvent = {
  readonly n: number;
  /** The place of its commit in the log, and its own among the commit's events. */
  readonly seq: number;
  readonly index: number;
  readonly event: LoggedEvent;
};

const eventsMax = 256;
const bytesMax = 512 * 1024;
const ageMaxMs = 300_000;

type Held = RingEvent & {
  readonly json: Map<Audience, string> | undefined;
  text: string;
  /** When it was taken in, by a clock that only goes forward. */
  readonly takenAt: number;
};

/** The newest events of one event stream, without a gap: bounded in number, bytes and age. */
export class Ring {
  /** The number of the newest event that is known, here or not. */
  head: number;
  /** A place in the log at or before which everything stands that is not here. */
  floorSeq: number;
  #events: Held[] = [];
  /** Where the oldest event stands in `#events`: what lies before was let go. */
  #start = 0;
  #bytes = 0;

  constructor(head: number, floorSeq: number) {
    this.head = head;
    this.floorSeq = floorSeq;
  }

  /** The number of the oldest event that is here; one past the head if none is. */
  get first(): number {
    return this.#events[this.#start]?.n ?? this.head + 1;
  }

  /** Takes the next event at a time of a clock that only goes forward, in ms; gives its size. */
  push(ringEvent: RingEvent, takenAt: number): number {
    const text = wireEvent(ringEvent.n, ringEvent.event, 'members');
    const json = isGuarded(ringEvent.event)
      ? new Map<Audience, string>([
          ['managers', wireEvent(ringEvent.n, ringEvent.event, 'managers')],
        ])
      : undefined;
    this.#events.push({ ...ringEvent, json, text, takenAt });
    this.#bytes += text.length;
    this.head = ringEvent.n;
    if (ringEvent.event.k === 'message-deleted') this.#forget(ringEvent.event.d.id);
    while (this.#events.length - this.#start > eventsMax || this.#bytes > bytesMax) this.#letGo();
    return text.length;
  }

  /** Lets go of what was taken in too long ago. */
  expire(now: number): void {
    while ((this.#events[this.#start]?.takenAt ?? now) < now - ageMaxMs) this.#letGo();
  }

  /** The events after `n`; only to be asked for when `n + 1 >= first`. */
  after(n: number): readonly RingEvent[] {
    return this.#events.slice(this.#start + (n + 1 - this.first));
  }

  /** The events after `n` and up to `upTo` as JSON, about `bytesAim` of them at most, and the last of them. */
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

  /** Takes the text of a message that was deleted out of the events that carry it. */
  #forget(id: string): void {
    for (const held of this.#events.slice(this.#start)) {
      if (textOf(held.event) !== id) continue;
      this.#bytes -= held.text.length;
      held.text = wireGone(held.n, held.event);
      this.#bytes += held.text.length;
    }
  }

  #letGo(): void {
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
