import type { ErrFrame, FeedFrame, OkFrame, Reset, StreamEvent } from './frames.ts';
import { notify } from './notify.ts';

/** Where to begin: after event `after` of the log `epoch`, or with a state and its newest `last` messages. */
export type Start = { readonly after: number; readonly epoch: string } | { readonly last?: number };

/** Who is told. Each event comes once, in order; `reset` replaces whatever was known before. */
export type Handlers = {
  readonly event?: (event: StreamEvent) => void;
  readonly reset?: (reset: Reset) => void;
  /** Everything up to `n` has been told; what follows is live. Comes again after each interruption. */
  readonly live?: (n: number) => void;
  /** Over: `removed`, `deleted`, `closed`, or the code with which the server refused. */
  readonly end?: (code: string) => void;
};

export type Feed = {
  /** A fresh request id. */
  readonly nextId: () => string;
  /** Sends if the connection is open. */
  readonly send: (frame: object) => void;
  readonly epoch: () => string;
  readonly later: (run: () => void, ms: number) => void;
  /** The subscription is over. */
  readonly onEnd: () => void;
};

/** The pause before a repair that follows another without an event between them, in ms. */
const repairMs = 1_000;

/**
 * One event stream that the client follows, over as many connections as it takes (W4, W5, W7). Whatever it
 * hears before the `ok` to its newest `sub` belongs to an earlier one and is ignored.
 */
export class Subscription {
  readonly s: string;
  readonly #handlers: Handlers;
  readonly #feed: Feed;
  readonly #last: number | undefined;
  #n: number | undefined;
  #epoch: string | undefined;
  /** The id of the `sub` that has no answer yet. */
  #asked: string | undefined;
  #isHeard = false;
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

  /** The number of the last event that was told; with `epoch` it is where to begin another time. */
  get n(): number | undefined {
    return this.#n;
  }

  get epoch(): string | undefined {
    return this.#epoch;
  }

  /** Asks for what follows `n`, on the connection that is open now. */
  ask(): void {
    this.#isHeard = false;
    if (this.#isPaused || this.#isOver) return;
    this.#asked = this.#feed.nextId();
    const from =
      this.#n === undefined ? { last: this.#last } : { after: this.#n, epoch: this.#epoch };
    this.#feed.send({ t: 'sub', id: this.#asked, s: this.s, ...from });
  }

  /** Takes the answer to a `sub`, if it is to this subscription's newest. */
  answer(frame: OkFrame | ErrFrame): void {
    if (frame.id === undefined || frame.id !== this.#asked) return;
    this.#asked = undefined;
    if (frame.t === 'ok') this.#isHeard = true;
    else if (frame.retryAfter === undefined) this.finish(frame.code);
    else this.#askLater(frame.retryAfter);
  }

  take(frame: FeedFrame): void {
    if (!this.#isHeard || this.#isOver) return;
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

  /** Stops listening until `resume`; nothing is missed by it. */
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

  /** Ends it; nothing is told afterwards but the end. */
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

  /** W4: the next event is `n + 1`; anything else is a fault that another `sub` repairs. */
  #takeEvents(events: readonly StreamEvent[]): void {
    for (const event of events) {
      if (this.#n === undefined || event.n !== this.#n + 1) {
        this.#repair();
        return;
      }
      this.#n = event.n;
      notify(this.#handlers.event, event);
      if (!this.#isHeard || this.#isOver) return;
    }
  }

  #repair(): void {
    this.#isHeard = false;
    const isNew = this.#n !== this.#repairedAt;
    this.#repairedAt = this.#n;
    if (isNew) this.ask();
    else this.#askLater(repairMs);
  }

  /** Asks then, unless it has been asked meanwhile, as after a reconnect. */
  #askLater(ms: number): void {
    this.#feed.later(() => {
      if (!this.#isHeard && this.#asked === undefined) this.ask();
    }, ms);
  }

  #unsubscribe(): void {
    this.#isHeard = false;
    this.#asked = undefined;
    this.#feed.send({ t: 'unsub', id: this.#feed.nextId(), s: this.s });
  }
}
