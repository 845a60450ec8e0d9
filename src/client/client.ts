import { withoutSlashes } from './address.ts';
import { type Commands, laneOf, needsKey, type Op, type Posted } from './commands.ts';
import { Credentials, type Who } from './credentials.ts';
import { OshiError } from './error.ts';
import type { Activity, DeliveredFrame, Signal } from './frames.ts';
import { Items } from './items.ts';
import { Link, type State } from './link.ts';
import { notify } from './notify.ts';
import type { History } from './objects.ts';
import { Requests } from './requests.ts';
import { platformSocket, type SocketConstructor } from './socket.ts';
import { type Handlers, type Start, Subscription } from './subscription.ts';
import { platform, type Surroundings } from './surroundings.ts';
import { uuid7 } from './uuid7.ts';

export type ClientOptions = Who & {
  /** The server's address, as in the browser's address line: `https://chat.example.org`. */
  readonly url: string;
  /** The id of the user whose connection it must be: one of another user's session is closed with 4403, with nothing sent. */
  readonly user?: string;
  readonly WebSocket?: SocketConstructor;
  readonly surroundings?: Surroundings;
  readonly onState?: (state: State) => void;
  readonly onSignal?: (signal: Signal) => void;
  readonly onActivity?: (activity: Activity) => void;
};

/** Which page of a stream: the newest, or those around a message number. */
export type Page = {
  readonly limit?: number;
  readonly before?: number;
  readonly after?: number;
  readonly around?: number;
};

/** The limit on a frame until the server has told its own, in bytes. */
const frameMaxDefault = 65_536;

/** What was said of writing holds for 8 s; said again after this long it lasts as long as somebody writes, in ms. */
const typingMs = 4_000;

/** Connects at once and stays connected until `close`, or until the server says that it must not. */
export const connect = (options: ClientOptions): Client => new Client(options);

/** A connection to Oshi that outlives its sockets: see `docs/protocol.md` for what it keeps. */
export class Client {
  readonly #options: ClientOptions;
  readonly #surroundings: Surroundings;
  readonly #credentials: Credentials;
  readonly #link: Link;
  readonly #requests: Requests;
  readonly #subscriptions = new Map<string, Subscription>();
  /** How far the server's clock is ahead, in ms. */
  /** What the server's clock showed, and when that was. */
  #clock: { readonly told: number; readonly elapsed: number };
  #epoch = '';
  #frameMax = frameMaxDefault;
  /** What the connection was last said to be; a new one is online. */
  #status: 'online' | 'idle' = 'online';
  /** By stream, when it was last said that one writes in it. */
  readonly #typingAt = new Map<string, number>();
  #count = 0;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#surroundings = options.surroundings ?? platform;
    const { now, elapsed } = this.#surroundings;
    this.#clock = { told: now(), elapsed: elapsed() };
    this.#credentials = new Credentials(options);
    this.#link = new Link({
      url: socketUrl(options.url),
      user: options.user,
      WebSocket: options.WebSocket ?? platformSocket(),
      credentials: this.#credentials,
      surroundings: this.#surroundings,
      onState: (state) => this.#changed(state),
      onFrame: (frame) => this.#take(frame),
    });
    this.#requests = new Requests({
      isOpen: () => this.#link.state.state === 'open',
      send: (text) => this.#link.send(text),
      frameMax: () => this.#frameMax,
      onClock: (now) => this.#setClock(now),
      surroundings: this.#surroundings,
    });
    void this.#link.connect();
  }

  get state(): State {
    return this.#link.state;
  }

  /** The session's token; after a login by password the one that the server gave. */
  get token(): string | undefined {
    return this.#credentials.token;
  }

  /** The log that event numbers belong to; empty before the first connection. */
  get epoch(): string {
    return this.#epoch;
  }

  /** The server's clock, in ms since 1970. */
  now(): number {
    const { told, elapsed } = this.#clock;
    return told + this.#surroundings.elapsed() - elapsed;
  }

  /** A fresh id for a circle, a stream or a message. */
  newId(): string {
    return uuid7(this.now(), this.#surroundings.random);
  }

  /** Follows an event stream: `me`, a circle, or `<circle>/<stream>`; each at most once at a time. */
  subscribe(s: string, start: Start, handlers: Handlers): Subscription {
    if (this.#subscriptions.has(s)) throw new Error(`${s} is subscribed already`);
    if (this.state.state === 'closed') throw closedError(this.state.reason);
    const subscription = new Subscription(s, start, {
      handlers,
      feed: {
        nextId: () => this.#nextId(),
        send: (frame) => this.#link.send(JSON.stringify(frame)),
        epoch: () => this.#epoch,
        later: (run, ms) => this.#surroundings.setTimer(run, ms),
        onEnd: () => this.#subscriptions.delete(s),
      },
    });
    this.#subscriptions.set(s, subscription);
    subscription.ask();
    return subscription;
  }

  /** The same to read with `for await`; leaving the loop, or `return`, ends the subscription. */
  follow(s: string, start: Start = {}): Items {
    const items: Items = new Items(() => subscription);
    const subscription = this.subscribe(s, start, items.handlers);
    return items;
  }

  /**
   * Posts a message; sent until it is answered, and it stands exactly once. Posts of one stream keep their
   * order. Rejects with an `OshiError` if the server refuses, or if the client ends before the answer.
   */
  post(
    s: string,
    text: string,
    { id, replyTo }: { readonly id?: string; readonly replyTo?: string } = {},
  ): Promise<Posted> {
    const d = { s, id: id ?? this.newId(), text };
    this.#typingAt.delete(s);
    return this.command('post-message', replyTo === undefined ? d : { ...d, replyTo });
  }

  /**
   * Gives any command, with the same promise as `post`: what is not a creation gets a key, by which the server
   * recognises a repeat. A `key` of one's own makes it safe to repeat after a restart of the program. When `signal`
   * is aborted the command is not sent any more, and is rejected with the code `cancelled`.
   */
  command<O extends Op>(
    op: O,
    d: Commands[O][0],
    { key, signal }: { readonly key?: string; readonly signal?: AbortSignal | undefined } = {},
  ): Promise<Commands[O][1]> {
    const frame = () => {
      const command = { t: 'cmd', op, d };
      return needsKey(op) ? { ...command, key: key ?? this.newId() } : command;
    };
    const answer = this.#requests.ask({ lane: laneOf(op, d), frame, signal });
    return answer as Promise<Commands[O][1]>;
  }

  /** A page of messages, ascending; without a place the newest. */
  history(s: string, page: Page = {}): Promise<History> {
    const { before, after, around, limit } = page;
    const frame = { t: 'get', s, before, after, around, limit };
    const lane = this.#nextId();
    return this.#requests.ask({ lane, frame: () => frame }) as Promise<History>;
  }

  /** Says that one writes in a stream; called at each key it says so often enough, and not more often. */
  typing(s: string): void {
    const now = this.#surroundings.elapsed();
    const isFresh = now - (this.#typingAt.get(s) ?? Number.NEGATIVE_INFINITY) < typingMs;
    if (isFresh || this.state.state !== 'open') return;
    this.#typingAt.set(s, now);
    this.signal(s, 'typing');
  }

  /** Says whether somebody is at this device, now and on every connection to come. */
  presence(status: 'online' | 'idle'): void {
    this.#status = status;
    this.signal('me', 'presence', { status });
  }

  /** Says something that passes; it is lost if there is no connection. */
  signal(s: string, k: string, d?: object): void {
    this.#link.send(JSON.stringify({ t: 'sig', s, k, d }));
  }

  /** Does not wait any longer to connect again: for when the network is back, or somebody looks. */
  retry(): void {
    this.#link.retry();
  }

  /** Ends everything; what has no answer is rejected with the code `closed`. */
  close(): void {
    this.#link.close();
  }

  /** Goes by what the server says from now on, whatever becomes of this device's clock. */
  #setClock(told: number): void {
    this.#clock = { told, elapsed: this.#surroundings.elapsed() };
  }

  #nextId(): string {
    this.#count += 1;
    return `s${this.#count}`;
  }

  #changed(state: State): void {
    if (state.state === 'open') {
      this.#setClock(state.now);
      this.#epoch = state.epoch;
      this.#frameMax = state.limits.frame;
      for (const subscription of [...this.#subscriptions.values()]) subscription.ask();
      this.#requests.reopen();
      if (this.#status !== 'online') this.presence(this.#status);
    } else if (state.state === 'closed') {
      this.#requests.close(closedError(state.reason));
      for (const subscription of [...this.#subscriptions.values()]) subscription.finish('closed');
    }
    notify(this.#options.onState, state);
  }

  #take(frame: DeliveredFrame): void {
    switch (frame.t) {
      case 'ok':
      case 'err':
        this.#requests.answer(frame);
        for (const subscription of [...this.#subscriptions.values()]) subscription.answer(frame);
        break;
      case 'events':
      case 'reset':
      case 'live':
      case 'end':
        this.#subscriptions.get(frame.s)?.take(frame);
        break;
      case 'sig':
        notify(this.#options.onSignal, frame);
        break;
      case 'activity':
        notify(this.#options.onActivity, frame);
        break;
    }
  }
}

const closedError = (reason: string): OshiError => new OshiError(reason, { code: 'closed' });

/** Where the socket of the server at `url` is; throws a `TypeError` on what is no URL. */
const socketUrl = (url: string): string => {
  const { protocol, host, pathname } = new URL(url);
  const scheme = protocol === 'https:' || protocol === 'wss:' ? 'wss' : 'ws';
  return `${scheme}://${host}${withoutSlashes(pathname)}/v1/connect`;
};
