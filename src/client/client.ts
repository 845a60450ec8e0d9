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
  /** The server's address, as in a browser: `https://chat.example.org`. */
  readonly url: string;
  /**
   * The id of the expected user: a connection of another user's session is closed with 4403 before anything is sent.
   */
  readonly user?: string;
  readonly WebSocket?: SocketConstructor;
  readonly surroundings?: Surroundings;
  readonly onState?: (state: State) => void;
  readonly onSignal?: (signal: Signal) => void;
  readonly onActivity?: (activity: Activity) => void;
};

/** A page of a stream: the newest, or relative to a message number. */
export type Page = {
  readonly limit?: number;
  readonly before?: number;
  readonly after?: number;
  readonly around?: number;
};

/** The limit on a frame until the server has sent its own, in bytes. */
const frameMaxDefault = 65_536;

/** `typing` is valid for 8 s; repeated at this interval while the user types, in ms. */
const typingMs = 4_000;

/** Connects immediately and stays connected until `close`, or until a close code forbids it. */
export const connect = (options: ClientOptions): Client => new Client(options);

/** A connection to Oshi that outlives its sockets; for its guarantees see `docs/protocol.md`. */
export class Client {
  readonly #options: ClientOptions;
  readonly #surroundings: Surroundings;
  readonly #credentials: Credentials;
  readonly #link: Link;
  readonly #requests: Requests;
  readonly #subscriptions = new Map<string, Subscription>();
  /** The time of the server's clock, and when it was received. */
  #clock: { readonly time: number; readonly elapsed: number };
  #epoch = '';
  #frameMax = frameMaxDefault;
  /** The status last sent; a new connection is online. */
  #status: 'online' | 'idle' = 'online';
  /** By stream, when `typing` was last sent. */
  readonly #typingAt = new Map<string, number>();
  #count = 0;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#surroundings = options.surroundings ?? platform;
    const { now, elapsed } = this.#surroundings;
    this.#clock = { time: now(), elapsed: elapsed() };
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

  /** The session's token; after a login by password the one from the server. */
  get token(): string | undefined {
    return this.#credentials.token;
  }

  /** The log that event numbers belong to; empty before the first connection. */
  get epoch(): string {
    return this.#epoch;
  }

  /** The server's clock, in ms since 1970. */
  now(): number {
    const { time, elapsed } = this.#clock;
    return time + this.#surroundings.elapsed() - elapsed;
  }

  /** A new id for a circle, a stream or a message. */
  newId(): string {
    return uuid7(this.now(), this.#surroundings.random);
  }

  /** Subscribes to an event stream: `me`, a circle, or `<circle>/<stream>`; only one subscription each at a time. */
  subscribe(s: string, start: Start, handlers: Handlers): Subscription {
    if (this.#subscriptions.has(s)) throw new Error(`${s} is already subscribed`);
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

  /** The same as an async iterator; leaving the loop, or `return`, ends the subscription. */
  follow(s: string, start: Start = {}): Items {
    const items: Items = new Items(() => subscription);
    const subscription = this.subscribe(s, start, items.handlers);
    return items;
  }

  /**
   * Posts a message; it is sent until it is answered, and takes effect exactly once. Posts in one stream keep their
   * order. Rejects with an `OshiError` if the server refuses, or if the client is closed before the answer.
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
   * Sends any command, with the same guarantees as `post`: a command that creates nothing gets a key, by which the
   * server recognises a repeat. Pass your own `key` to repeat it safely after a restart of the program. When `signal`
   * is aborted the command is no longer sent, and rejects with the code `cancelled`.
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

  /** A page of messages, ascending; the newest by default. */
  history(s: string, page: Page = {}): Promise<History> {
    const { before, after, around, limit } = page;
    const frame = { t: 'get', s, before, after, around, limit };
    const lane = this.#nextId();
    return this.#requests.ask({ lane, frame: () => frame }) as Promise<History>;
  }

  /** Reports that the user is typing in a stream; call it at each key, it is throttled. */
  typing(s: string): void {
    const now = this.#surroundings.elapsed();
    const isFresh = now - (this.#typingAt.get(s) ?? Number.NEGATIVE_INFINITY) < typingMs;
    if (isFresh || this.state.state !== 'open') return;
    this.#typingAt.set(s, now);
    this.signal(s, 'typing');
  }

  /** Sets the status of this device, for this and later connections. */
  presence(status: 'online' | 'idle'): void {
    this.#status = status;
    this.signal('me', 'presence', { status });
  }

  /** Sends a signal; it is dropped without a connection. */
  signal(s: string, k: string, d?: object): void {
    this.#link.send(JSON.stringify({ t: 'sig', s, k, d }));
  }

  /** Reconnects immediately instead of waiting: for when the network is back, or the page is focused. */
  retry(): void {
    this.#link.retry();
  }

  /** Closes the client; unanswered requests reject with the code `closed`. */
  close(): void {
    this.#link.close();
  }

  /** Uses the server's clock from now on, independently of changes of this device's clock. */
  #setClock(time: number): void {
    this.#clock = { time, elapsed: this.#surroundings.elapsed() };
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

/** The socket address of the server at `url`; throws a `TypeError` for an invalid URL. */
const socketUrl = (url: string): string => {
  const { protocol, host, pathname } = new URL(url);
  const scheme = protocol === 'https:' || protocol === 'wss:' ? 'wss' : 'ws';
  return `${scheme}://${host}${withoutSlashes(pathname)}/v1/connect`;
};
