import { circleAggregate } from '../events/aggregate.ts';
import { isKnown } from '../events/codec.ts';
import type { LoggedEvent } from '../events/commit.ts';
import { eventKey } from '../events/event-key.ts';
import type { CircleId } from '../events/ids.ts';
import type { EventLog, Recorded } from '../events/log.ts';
import { monotonic } from '../runtime/clock.ts';
import { nextIteration } from '../runtime/timers.ts';
import { type CircleEvent, copyOf, goOn, noPastCircle, type PastCircle } from './past-circle.ts';

/** What circles were. */
export type CirclePasts = {
  /**
   * A circle after its event `n`, which the caller may keep but not change; after its last one if `n` is left out or
   * larger; `exists` is false before the first. Rejects with `LogUnavailable` when the log cannot be read.
   */
  at(circle: string, n?: number): Promise<PastCircle>;
};

export type CirclePastsOptions = {
  readonly log: Pick<EventLog, 'read'>;
  /** So many events are kept of all circles together; the circles asked longest ago are forgotten first. */
  readonly eventsMax?: number;
};

/** Who goes through a circle's history asks for one moment after the other: what has been read stays for a while. */
const eventsMaxDefault = 100_000;

/** So long is worked at once, in ms; then the event loop has its turn. */
const workMsMax = 5;

/** A state is kept on the way after at least so many events, and not before there are as many as it has parts. */
const strideMin = 256;

const partsOf = ({ members, streams, invites }: PastCircle): number =>
  members.size + streams.size + invites.size;

/** What is kept of an event. A member's own data is not: that there is some is all that is ever told. */
const lean = (event: LoggedEvent, n: number, place: number): CircleEvent => {
  const { k, v, d, at, by } = event;
  const isTheirs = k === 'member-data-changed' && d.data !== undefined && d.data !== null;
  return { k, v, d: isTheirs ? { ...d, data: true } : d, at, by, n, place } as CircleEvent;
};

const eventsOf = ({ commit, seq }: Recorded): CircleEvent[] =>
  commit.events.map((event, index) => {
    // What is left out would make the state another one without anybody seeing it.
    if (!isKnown(event)) throw new Error(`an event that this version does not know: ${event.k}`);
    return lean(event, commit.n + index, eventKey(seq, index));
  });

/** What has been read of one circle: its first events, and the states after some of them. */
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

  /** One after the other: two that read on at once would keep everything twice. */
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
    for (const event of this.events.slice(state.n, n)) goOn(state, event);
    return state;
  }

  /** Reads and keeps what comes after, up to event `n` or to the end. */
  async #readOn(n: number): Promise<void> {
    for await (const recorded of this.#rest()) {
      for (const event of eventsOf(recorded)) {
        if (event.n > this.events.length && event.n <= n) this.#keep(event, recorded.seq);
      }
      await this.#yield();
      if (this.events.length >= n) return;
    }
  }

  /** What is more than may be kept is read each time. */
  async #beyond(state: PastCircle, n: number): Promise<PastCircle> {
    for await (const recorded of this.#rest()) {
      for (const event of eventsOf(recorded)) {
        if (event.n > state.n && event.n <= n) goOn(state, event);
      }
      await this.#yield();
      if (state.n >= n) break;
    }
    return state;
  }

  /** Lets others have their turn if it has been a while since they had. */
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
    goOn(this.#newest, event);
    this.events.push(event);
    this.#seq = seq;
    const last = this.#states.at(-1)?.n ?? 0;
    if (event.n - last < Math.max(strideMin, partsOf(this.#newest))) return;
    this.#states.push(copyOf(this.#newest));
  }
}

/** Reads what circles were from their own events, and keeps those that were asked for last. */
export const createCirclePasts = ({
  log,
  eventsMax = eventsMaxDefault,
}: CirclePastsOptions): CirclePasts => {
  /** Who was asked for last stands last. */
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
