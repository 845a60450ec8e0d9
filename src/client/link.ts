import type { Credentials } from './credentials.ts';
import type { DeliveredFrame, ServerFrame, Welcome } from './frames.ts';
import {
  abandon,
  type CloseEvent,
  type MessageEvent,
  type Socket,
  type SocketConstructor,
} from './socket.ts';
import type { Surroundings } from './surroundings.ts';

/** The state of the connection. */
export type State =
  | { readonly state: 'connecting' }
  | ({ readonly state: 'open' } & Welcome)
  /** Disconnected; the next attempt is at `retryAt`, ms since 1970 by the client's clock. */
  | { readonly state: 'waiting'; readonly retryAt: number; readonly reason: string }
  /** Permanently closed: by the client (1000), or with a code that forbids another attempt. */
  | { readonly state: 'closed'; readonly code: number; readonly reason: string };

export type LinkOptions = {
  readonly url: string;
  /** The expected user; undefined: any. */
  readonly user: string | undefined;
  readonly WebSocket: SocketConstructor;
  readonly credentials: Credentials;
  readonly surroundings: Surroundings;
  readonly onState: (state: State) => void;
  /** Every frame except those answered by the link itself. */
  readonly onFrame: (frame: DeliveredFrame) => void;
};

/** From the attempt to connect to the answer to `hello`, in ms. */
const helloMs = 15_000;
/** After a connection of at least this duration the backoff starts over, in ms. */
const steadyMs = 10_000;
const waitMs = 500;
const waitMaxMs = 30_000;
const helloId = 'hello';

/** Close codes after which a client does not reconnect (W15). */
const isFinal = (code: number): boolean =>
  (code >= 4400 && code < 4500) || [1002, 1003, 1007, 1009].includes(code);

/** One logical connection over any number of sockets (W1, W2, W12, W15). */
export class Link {
  #state: State = { state: 'connecting' };
  readonly #options: LinkOptions;
  #socket: Socket | undefined;
  #bye: { readonly code: number; readonly reason: string; readonly after: number } | undefined;
  #tries = 0;
  #receivedAt = 0;
  #openedAt: number | undefined;
  #timer: unknown;

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  get state(): State {
    return this.#state;
  }

  /** Starts an attempt; called once by the owner, then by the link itself. */
  async connect(): Promise<void> {
    if (this.#state.state !== 'connecting') this.#enter({ state: 'connecting' });
    const { credentials, url, WebSocket } = this.#options;
    try {
      const proof = await credentials.proof();
      if (this.#state.state === 'closed') return;
      if (!proof) return this.#end(4401, 'no token');
      const hello = JSON.stringify({ t: 'hello', id: helloId, v: 1, ...proof });
      const socket = new WebSocket(url, ['oshi.v1']);
      this.#socket = socket;
      socket.onopen = () => socket.send(hello);
      socket.onmessage = ({ data }: MessageEvent) => this.#onMessage(String(data));
      socket.onclose = ({ code, reason }: CloseEvent) => this.#lose(code, reason);
      socket.onerror = () => {};
      this.#receivedAt = this.#options.surroundings.elapsed();
      this.#watch();
    } catch (error) {
      if (this.#state.state !== 'closed') this.#wait(String(error));
    }
  }

  /** Sends a frame if the connection is open; returns whether it did. */
  send(text: string): boolean {
    if (this.#state.state !== 'open') return false;
    this.#socket?.send(text);
    return true;
  }

  /** Retries immediately if waiting; if an attempt in progress fails, the next one follows soon. */
  retry(): void {
    this.#tries = 0;
    if (this.#state.state !== 'waiting') return;
    this.#options.surroundings.clearTimer(this.#timer);
    void this.connect();
  }

  close(): void {
    if (this.#state.state !== 'closed') this.#end(1000, 'closed by the client');
  }

  #onMessage(text: string): void {
    this.#receivedAt = this.#options.surroundings.elapsed();
    const frame = parsed(text);
    if (frame?.t === 'ping') this.#socket?.send(JSON.stringify({ t: 'pong', n: frame.n }));
    else if (frame?.t === 'bye') this.#bye = frame;
    else if (frame && 'id' in frame && frame.id === helloId) this.#greet(frame);
    else if (frame && this.#state.state === 'open') this.#options.onFrame(frame);
  }

  #greet(frame: DeliveredFrame): void {
    if (frame.t === 'ok') {
      const welcome = frame.d as Welcome;
      const { user = welcome.user.id } = this.#options;
      if (welcome.user.id !== user) {
        this.#end(4403, 'another user is logged in here');
        return;
      }
      this.#options.credentials.accept(welcome.token);
      this.#openedAt = this.#receivedAt;
      this.#enter({ state: 'open', ...welcome });
      // A listener may have closed the connection.
      if (this.#state.state === 'open') this.#watch();
    } else if (frame.t === 'err') {
      if (frame.retryAfter === undefined) this.#end(4400, `${frame.code}: ${frame.message}`);
      else this.#wait(frame.message, frame.retryAfter);
    }
  }

  /** Checks when something was last received, and schedules the next check (W12). */
  #watch(): void {
    const { elapsed, setTimer, clearTimer } = this.#options.surroundings;
    const state = this.#state;
    clearTimer(this.#timer);
    const silenceMs = state.state === 'open' ? 1.5 * state.ping + 5_000 : helloMs;
    const left = this.#receivedAt + silenceMs - elapsed();
    if (left <= 0) this.#lose(1006, `nothing received for ${silenceMs} ms`);
    else this.#timer = setTimer(() => this.#watch(), left);
  }

  #lose(code: number, reason: string): void {
    const bye = this.#bye;
    const last = bye?.code ?? code;
    const why = bye?.reason || reason || `the connection was lost (${last})`;
    if (last === 4401 && this.#options.credentials.refuse()) this.#wait(why, bye?.after ?? 0);
    else if (isFinal(last)) this.#end(last, why);
    else this.#wait(why, bye?.after);
  }

  /** Abandons the socket and retries after `ms`, by default with backoff (W15). */
  #wait(reason: string, ms?: number): void {
    const { now, elapsed, random, setTimer } = this.#options.surroundings;
    this.#drop();
    const isSteady = elapsed() - (this.#openedAt ?? Number.POSITIVE_INFINITY) >= steadyMs;
    if (isSteady) this.#tries = 0;
    this.#openedAt = undefined;
    const wait = ms ?? random() * Math.min(waitMaxMs, waitMs * 2 ** this.#tries);
    this.#tries += 1;
    this.#timer = setTimer(() => void this.connect(), wait);
    this.#enter({ state: 'waiting', retryAt: now() + wait, reason });
  }

  #end(code: number, reason: string): void {
    this.#drop();
    this.#enter({ state: 'closed', code, reason });
  }

  #drop(): void {
    this.#options.surroundings.clearTimer(this.#timer);
    if (this.#socket) abandon(this.#socket);
    this.#socket = undefined;
    this.#bye = undefined;
  }

  #enter(state: State): void {
    this.#state = state;
    this.#options.onState(state);
  }
}

/** The object in the text; clients ignore anything else (W14). */
const parsed = (text: string): ServerFrame | undefined => {
  try {
    const frame: unknown = JSON.parse(text);
    return typeof frame === 'object' && frame !== null ? (frame as ServerFrame) : undefined;
  } catch {
    return undefined;
  }
};
