import { circleAggregate } from '../events/aggregate.ts';
import { isKnown } from '../events/codec.ts';
import type { LoggedEvent } from '../events/commit.ts';
import { eventKey } from '../events/event-key.ts';
import type { CircleId } from '../events/ids.ts';
import type { EventLog, Recorded } from '../events/log.ts';
import { monotonic } from '../runtime/clock.ts';
import { nextIteration } from '../runtime/timers.ts';
import {
  applyEvent,
  type CircleEvent,
  copyOf,
  noPastCircle,
  type PastCircle,
} from './past-circle.ts';

export type CirclePasts = {
  /**
   * A circle after its event `n`, which the caller may keep but not change; after its last event if `n` is omitted or
   * larger. `exists` is false before the first event. Rejects with `LogUnavailable` if the log cannot be read.
   */
  at(circle: string, n?: number): Promise<PastCircle>;
};

export type CirclePastsOptions = {
  readonly log: Pick<EventLog, 'read'>;
  /** Events that are kept of all circles together; the least recently requested circles are evicted first. */
  readonly eventsMax?: number;
};

/** Clients that go through a circle's history request many moments, so what was read is kept for a while. */
const eventsMaxDefault = 100_000;

/** Work per turn of the event loop, in ms. */
const workMsMax = 5;

/** A state is kept after at least so many events, and not before there are as many events as the state has parts. */
const strideMin = 256;

const partsOf = ({ members, streams, invites }: PastCircle): number =>
  members.size + streams.size + invites.size;

/** What is kept of an event. A member's own data is not, since only its existence is ever shown. */
const lean = (event: LoggedEvent, n: number, place: number): CircleEvent => {
  const { k, v, d, at, by } = event;
  const isTheirs = k === 'member-data-changed' && d.data !== undefined && d.data !== null;
  return { k, v, d: isTheirs ? { ...d, data: true } : d, at, by, n, place } as CircleEvent;
};

const eventsOf = ({ commit, seq }: Recorded): CircleEvent[] =>
  commit.events.map((event, index) => {
    // Omitting the event would silently produce a wrong state.
    if (!isKnown(event)) throw new Error(`unknown kind of event: ${event.k}`);
    return lean(event, commit.n + index, eventKey(seq, index));
  });

/** The part of one circle's history that has been read: its first events, and the states after some of them. */
class CirclePast {
  readonly events: CircleEvent[] = [];
  readonly #circle: CircleId;
  readonly #log: Pick<EventLog, 'read'>;
  readonly #states: PastCircle[] = [noPastCircle()];
  #newest = noPastCircle();
  #seq = 0;
  #turn: Promise<unknown> = Promise.resolve();
  #begunAt = 0;

  constructor(circle: CircleId, log: Pick<EventLog, 'read'>) {
    this.#circle = circle;
    this.#log = log;
  }

  /** Sequential: two concurrent calls would keep everything twice. */
  at(n: number, eventsMax: number): Promise<PastCircle> {
    const asked = this.#turn.then(async () => {
      await this.#yield();
      if (n > this.events.length) await this.#readOn(Math.min(n, eventsMax));
      const known = this.#known(Math.min(n, this.events.length));
      return n > eventsMax && this.events.length >= eventsMax ? this.#beyond(known, n) : known;
    });
    this.#turn = asked.catch(() => undefined);
    return asked;
  }

  #known(n: number): PastCircle {
    const before = this.#states.findLast((state) => state.n <= n) ?? noPastCircle();
    const state = copyOf(before);
    for (const event of this.events.slice(state.n, n)) applyEvent(state, event);
    return state;
  }

  /** Reads and keeps further events, up to event `n` or the end. */
  async #readOn(n: number): Promise<void> {
    for await (const recorded of this.#rest()) {
      for (const event of eventsOf(recorded)) {
        if (event.n > this.events.length && event.n <= n) this.#keep(event, recorded.seq);
      }
      await this.#yield();
      if (this.events.length >= n) return;
    }
  }

  /** Events beyond the limit are read each time. */
  async #beyond(state: PastCircle, n: number): Promise<PastCircle> {
    for await (const recorded of this.#rest()) {
      for (const event of eventsOf(recorded)) {
        if (event.n > state.n && event.n <= n) applyEvent(state, event);
      }
      await this.#yield();
      if (state.n >= n) break;
    }
    return state;
  }

  /** Yields if it has worked for a while. */
  async #yield(): Promise<void> {
    if (monotonic() - this.#begunAt < workMsMax) return;
    await nextIteration();
    this.#begunAt = monotonic();
  }

  #rest(): AsyncIterable<Recorded> {
    const after = this.events.length;
    const from = this.#seq > 0 ? { from: this.#seq } : {};
    return this.#log.read(circleAggregate(this.#circle), { after, ...from });
  }

  #keep(event: CircleEvent, seq: number): void {
    applyEvent(this.#newest, event);
    this.events.push(event);
    this.#seq = seq;
    const last = this.#states.at(-1)?.n ?? 0;
    if (event.n - last < Math.max(strideMin, partsOf(this.#newest))) return;
    this.#states.push(copyOf(this.#newest));
  }
}

/** Computes past states of circles from their events, and caches those of the circles requested last. */
export const createCirclePasts = ({
  log,
  eventsMax = eventsMaxDefault,
}: CirclePastsOptions): CirclePasts => {
  /** In the order of the last request. */
  const pasts = new Map<string, CirclePast>();

  const forget = (): void => {
    let kept = [...pasts.values()].reduce((sum, { events }) => sum + events.length + 1, 0);
    for (const [circle, { events }] of pasts) {
      if (kept <= eventsMax || pasts.size === 1) return;
      pasts.delete(circle);
      kept -= events.length + 1;
    }
  };

  return {
    async at(circle, n = Number.POSITIVE_INFINITY) {
      const past = pasts.get(circle) ?? new CirclePast(circle as CircleId, log);
      pasts.delete(circle);
      pasts.set(circle, past);
      try {
        return await past.at(n, eventsMax);
      } finally {
        forget();
      }
    },
  };
};
