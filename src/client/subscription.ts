import type { ErrFrame, FeedFrame, OkFrame, Reset, StreamEvent } from './frames.ts';
import { notify } from './notify.ts';

/** The starting point: after event `after` of the log `epoch`, or a state with its newest `last` messages. */
export type Start = { readonly after: number; readonly epoch: string } | { readonly last?: number };

/** The callbacks of a subscription. Each event comes once, in order; `reset` replaces the previous state. */
export type Handlers = {
  readonly event?: (event: StreamEvent) => void;
  readonly reset?: (reset: Reset) => void;
  /** Everything up to `n` was delivered; later events are live. Repeated after each interruption. */
  readonly live?: (n: number) => void;
  /** Ended: `removed`, `deleted`, `closed`, or the code of a refusal. */
  readonly end?: (code: string) => void;
};

export type Feed = {
  /** A new request id. */
  readonly nextId: () => string;
  /** Sends if the connection is open. */
  readonly send: (frame: object) => void;
  readonly epoch: () => string;
  readonly later: (run: () => void, ms: number) => void;
  /** The subscription has ended. */
  readonly onEnd: () => void;
};

/** The pause before a second repair without an event in between, in ms. */
const repairMs = 1_000;

/**
 * A subscription to one event stream, over any number of connections (W4, W5, W7). Frames before the `ok` to its
 * newest `sub` belong to an earlier one and are ignored.
 */
export class Subscription {
  readonly s: string;
  readonly #handlers: Handlers;
  readonly #feed: Feed;
  readonly #last: number | undefined;
  #n: number | undefined;
  #epoch: string | undefined;
  /** The id of the unanswered `sub`. */
  #pendingId: string | undefined;
  #isActive = false;
  #isPaused = false;
  #isOver = false;
  #repairedAt: number | undefined;

  constructor(s: string, start: Start, { handlers, feed }: { handlers: Handlers; feed: Feed }) {
    this.s = s;
    this.#handlers = handlers;
    this.#feed = feed;
    if ('after' in start) {
      this.#n = start.after;
      this.#epoch = start.epoch;
    }
    this.#last = 'after' in start ? undefined : start.last;
  }

  /** The number of the last event delivered; with `epoch` the position to resume from. */
  get n(): number | undefined {
    return this.#n;
  }

  get epoch(): string | undefined {
    return this.#epoch;
  }

  /** Subscribes after `n` on the current connection. */
  ask(): void {
    this.#isActive = false;
    if (this.#isPaused || this.#isOver) return;
    this.#pendingId = this.#feed.nextId();
    const from =
      this.#n === undefined ? { last: this.#last } : { after: this.#n, epoch: this.#epoch };
    this.#feed.send({ t: 'sub', id: this.#pendingId, s: this.s, ...from });
  }

  /** Handles the answer to a `sub`, if it is the newest. */
  answer(frame: OkFrame | ErrFrame): void {
    if (frame.id === undefined || frame.id !== this.#pendingId) return;
    this.#pendingId = undefined;
    if (frame.t === 'ok') this.#isActive = true;
    else if (frame.retryAfter === undefined) this.finish(frame.code);
    else this.#askAfter(frame.retryAfter);
  }

  take(frame: FeedFrame): void {
    if (!this.#isActive || this.#isOver) return;
    switch (frame.t) {
      case 'events':
        this.#takeEvents(frame.e);
        break;
      case 'reset':
        this.#n = frame.n;
        this.#epoch = this.#feed.epoch();
        notify(this.#handlers.reset, frame);
        break;
      case 'live':
        if (this.#n === undefined || frame.n > this.#n) this.#repair();
        else notify(this.#handlers.live, frame.n);
        break;
      case 'end':
        this.finish(frame.code);
        break;
    }
  }

  /** Pauses until `resume`, without missing events. */
  pause(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#unsubscribe();
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.ask();
  }

  /** Ends it; only `end` is called afterwards. */
  close(): void {
    if (this.#isOver) return;
    this.#unsubscribe();
    this.finish('closed');
  }

  finish(code: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#feed.onEnd();
    notify(this.#handlers.end, code);
  }

  /** W4: the next event is `n + 1`; anything else is an error that another `sub` repairs. */
  #takeEvents(events: readonly StreamEvent[]): void {
    for (const event of events) {
      if (this.#n === undefined || event.n !== this.#n + 1) {
        this.#repair();
        return;
      }
      this.#n = event.n;
      notify(this.#handlers.event, event);
      if (!this.#isActive || this.#isOver) return;
    }
  }

  #repair(): void {
    this.#isActive = false;
    const isNew = this.#n !== this.#repairedAt;
    this.#repairedAt = this.#n;
    if (isNew) this.ask();
    else this.#askAfter(repairMs);
  }

  /** Unless it was sent meanwhile, as after a reconnect. */
  #askAfter(ms: number): void {
    this.#feed.later(() => {
      if (!this.#isActive && this.#pendingId === undefined) this.ask();
    }, ms);
  }

  #unsubscribe(): void {
    this.#isActive = false;
    this.#pendingId = undefined;
    this.#feed.send({ t: 'unsub', id: this.#feed.nextId(), s: this.s });
  }
}
