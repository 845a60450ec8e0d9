import { limits } from '../../app/limits/limits.ts';
import { type Close, closes } from './close-codes.ts';
import { FrameScanner } from './frame-scanner.ts';

/** A socket that can be told to stop reading for a while. */
export type Pausable = { pause(): void; resume(): void };

export type IntakeOptions = {
  readonly socket: Pausable;
  /** Passes bytes on to the WebSocket library, which may call back synchronously. */
  readonly deliver: (bytes: Buffer) => void;
  /** Called when a client sends more than any client may; the connection is to be closed with this. */
  readonly onExcess: (close: Close) => void;
  /** Called when the client has answered a close with its own. */
  readonly onClosed: () => void;
  /** Called when a client goes on sending behind a close. */
  readonly onCut: () => void;
  /** A clock that only goes forward, in ms. */
  readonly now: () => number;
  /** Whether frames and bytes have a rate. */
  readonly hasRate: boolean;
};

/** What decides, beside the rates, whether a connection is read. */
export type Load = {
  readonly unanswered: number;
  readonly flowing: boolean;
  /** Whether a hello is being answered: what comes behind it waits. */
  readonly isGreeting: boolean;
};

const idle: Load = { unanswered: 0, flowing: true, isGreeting: false };

/** A token bucket that may be overdrawn by its last taking. */
class Level {
  #level: number;
  #at: number;
  readonly #burst: number;
  readonly #perMs: number;

  constructor(burst: number, perSecond: number, now: number) {
    this.#level = burst;
    this.#burst = burst;
    this.#perMs = perSecond / 1000;
    this.#at = now;
  }

  at(now: number): number {
    const gained = Math.max(0, now - this.#at) * this.#perMs;
    this.#level = Math.min(this.#burst, this.#level + gained);
    this.#at = now;
    return this.#level;
  }

  take(amount: number): void {
    this.#level -= amount;
  }
}

/**
 * Reads a connection's bytes frame by frame and no faster than it may send (W16), in every state: every WebSocket
 * frame counts, control frames and fragments too. Bytes beyond that wait here, at most one read of the socket, and then
 * in the client's own socket: nothing is refused. Before `hello` is answered, a client gets a few kB and a few frames.
 */
export class Intake {
  readonly #options: IntakeOptions;
  readonly #scanner = new FrameScanner();
  readonly #frames: Level;
  readonly #bytes: Level;
  readonly #signals: Level;
  #load: Load = idle;
  #state: 'greeting' | 'open' | 'closing' = 'greeting';
  #held: Buffer | undefined;
  #isPumping = false;
  #paused = false;
  #greetingFrames = 0;
  #closingSince = 0;
  readonly #discarded = { frames: 0, bytes: 0 };

  constructor(options: IntakeOptions) {
    this.#options = options;
    const now = options.now();
    const { framesBurst, framesPerSecond, bytesBurst, bytesPerSecond, signalsPerSecond } = limits;
    this.#frames = new Level(framesBurst, framesPerSecond, now);
    this.#bytes = new Level(bytesBurst, bytesPerSecond, now);
    this.#signals = new Level(signalsPerSecond, signalsPerSecond, now);
  }

  get paused(): boolean {
    return this.#paused;
  }

  /** Takes what the socket has read. */
  take(chunk: Buffer): void {
    this.#held = this.#held ? Buffer.concat([this.#held, chunk]) : chunk;
    this.#pump();
  }

  /** Counts a signal; gives whether it is within its rate. */
  takeSignal(): boolean {
    if (!this.#options.hasRate) return true;
    if (this.#signals.at(this.#options.now()) < 1) return false;
    this.#signals.take(1);
    return true;
  }

  /** The client is known: the bounds for unknown ones end. */
  open(): void {
    if (this.#state === 'greeting') this.#state = 'open';
  }

  /** A close was decided on: nothing is passed on any more, but the end of the connection must be seen. */
  close(): void {
    if (this.#isClosing) return;
    this.#state = 'closing';
    this.#closingSince = this.#options.now();
    this.#setPaused(false);
    this.#pump();
  }

  /** Reads on or not. Called whenever something has changed, and from time to time. */
  steer(load: Load): void {
    this.#load = load;
    this.#pump();
  }

  /** Passes on frame by frame what may be passed on, and pauses the socket while something is left. */
  #pump(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    while (this.#held && !this.#isClosing && !this.#isBlocked()) this.#passFrame(this.#held);
    this.#isPumping = false;
    if (!this.#isClosing) {
      // While hello is answered the client's end is watched for, until something comes behind it.
      const isQuiet = this.#load.isGreeting && !this.#held;
      this.#setPaused(this.#isBlocked() && !isQuiet);
    } else if (this.#held) {
      const rest = this.#held;
      this.#held = undefined;
      this.#discard(rest);
    }
  }

  get #isClosing(): boolean {
    return this.#state === 'closing';
  }

  #isBlocked(): boolean {
    const { unanswered, flowing, isGreeting } = this.#load;
    if (isGreeting || !flowing || unanswered >= limits.unansweredMax) return true;
    if (!this.#options.hasRate) return false;
    const now = this.#options.now();
    return this.#frames.at(now) < 1 || this.#bytes.at(now) < 0;
  }

  /** Passes one frame on, or as much of it as is there. */
  #passFrame(held: Buffer): void {
    const { end, isWhole } = this.#scanner.scan(held, 0);
    this.#held = end < held.length ? held.subarray(end) : undefined;
    const excess = this.#excess(isWhole);
    if (excess) {
      this.#options.onExcess(excess);
      return;
    }
    this.#bytes.take(end);
    if (isWhole) {
      this.#frames.take(1);
      this.#scanner.settle();
    }
    this.#options.deliver(held.subarray(0, end));
  }

  /** What a client must be closed for: a message that is too large or in too many pieces, or noise before hello. */
  #excess(isWhole: boolean): Close | undefined {
    const isGreeting = this.#state === 'greeting';
    const { messageBytes, pieces } = this.#scanner;
    if (isGreeting && isWhole && ++this.#greetingFrames > limits.helloFramesMax) {
      return closes.badFrame;
    }
    if (pieces > (isGreeting ? limits.helloFramesMax : limits.piecesMax)) return closes.tooLarge;
    const bytesMax = isGreeting ? limits.helloBytesMax : limits.frameBytesMax;
    return messageBytes > bytesMax ? closes.tooLarge : undefined;
  }

  /**
   * Follows what a client sends behind a close only to see its own close. What was on its way already is thrown away;
   * a client that goes on sending is cut.
   */
  #discard(chunk: Buffer): void {
    const { now, onClosed, onCut } = this.#options;
    const isLate = now() - this.#closingSince >= limits.closingGraceMs;
    this.#discarded.bytes += chunk.length;
    for (let at = 0; at < chunk.length; ) {
      const { end, isWhole } = this.#scanner.scan(chunk, at);
      at = end;
      if (isLate && this.#scanner.isData) {
        onCut();
        return;
      }
      if (!isWhole) break;
      if (this.#scanner.isClose) {
        onClosed();
        return;
      }
      if (++this.#discarded.frames > limits.framesBurst) break;
    }
    const { frames, bytes } = this.#discarded;
    if (frames > limits.framesBurst || bytes > limits.discardedBytesMax) this.#setPaused(true);
  }

  #setPaused(paused: boolean): void {
    if (paused === this.#paused) return;
    this.#paused = paused;
    if (paused) this.#options.socket.pause();
    else this.#options.socket.resume();
  }
}
