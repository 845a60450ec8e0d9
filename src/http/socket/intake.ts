import { limits } from '../../app/limits/limits.ts';
import { type Close, closes } from './close-codes.ts';
import { FrameScanner } from './frame-scanner.ts';

/** A socket whose reading can be paused. */
export type Pausable = { pause(): void; resume(): void };

export type IntakeOptions = {
  readonly socket: Pausable;
  /** Forwards bytes to the WebSocket library, which may call back synchronously. */
  readonly deliver: (bytes: Buffer) => void;
  /** Called when a client exceeds a limit; the connection is to be closed with this code. */
  readonly onExcess: (close: Close) => void;
  /** Called when the client has answered a close frame. */
  readonly onClosed: () => void;
  /** Called when a client continues to send data after a close. */
  readonly onCut: () => void;
  /** A monotonic clock, in ms. */
  readonly now: () => number;
  /** Whether frames and bytes have a rate. */
  readonly hasRate: boolean;
};

/** What determines, besides the rates, whether a connection is read. */
export type Load = {
  readonly unanswered: number;
  readonly flowing: boolean;
  /** Whether a hello is being handled: later frames wait. */
  readonly isGreeting: boolean;
  /** Whether a request has been refused a moment ago: later frames wait. */
  readonly isPausing: boolean;
};

/** A token bucket that the last take may overdraw. */
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
 * Reads a connection's bytes frame by frame, no faster than its rate (W16), in every state. Every WebSocket frame
 * counts, including control frames and fragments. Excess bytes wait here, at most one read of the socket, and then in
 * the client's socket: nothing is refused. Before `hello` is answered, a client gets a few kB and a few frames.
 */
export class Intake {
  readonly #options: IntakeOptions;
  readonly #scanner = new FrameScanner();
  readonly #frames: Level;
  readonly #bytes: Level;
  readonly #signals: Level;
  #load: Load = { unanswered: 0, flowing: true, isGreeting: false, isPausing: false };
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

  /** Handles a chunk read from the socket. */
  take(chunk: Buffer): void {
    this.#held = this.#held ? Buffer.concat([this.#held, chunk]) : chunk;
    this.#pump();
  }

  /** Counts a signal; returns whether it is within its rate. */
  takeSignal(): boolean {
    if (!this.#options.hasRate) return true;
    if (this.#signals.at(this.#options.now()) < 1) return false;
    this.#signals.take(1);
    return true;
  }

  /** Ends the limits for clients that are not authenticated. */
  open(): void {
    if (this.#state === 'greeting') this.#state = 'open';
  }

  /** Stops forwarding data. Frames are still read in order to see the client's close. */
  close(): void {
    if (this.#isClosing) return;
    this.#state = 'closing';
    this.#closingSince = this.#options.now();
    this.#setPaused(false);
    this.#pump();
  }

  /** Pauses or resumes reading. Called when the load has changed, and periodically. */
  steer(load: Load): void {
    this.#load = load;
    this.#pump();
  }

  /** Forwards frames while allowed, and pauses the socket while bytes are left. */
  #pump(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    while (this.#held && !this.#isClosing && !this.#isBlocked()) this.#passFrame(this.#held);
    this.#isPumping = false;
    if (!this.#isClosing) {
      // While hello is handled the socket is read until data arrives, in order to notice a disconnect.
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
    const { unanswered, flowing, isGreeting, isPausing } = this.#load;
    if (isGreeting || isPausing || !flowing || unanswered >= limits.unansweredMax) return true;
    if (!this.#options.hasRate) return false;
    const now = this.#options.now();
    return this.#frames.at(now) < 1 || this.#bytes.at(now) < 0;
  }

  /** Forwards one frame, or as much of it as has arrived. */
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

  /**
   * The code for which a client must be closed: a message that is too large or in too many pieces, or too many frames
   * before hello.
   */
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
   * Scans data after a close for the client's close frame. Data that was under way is discarded; a client that
   * continues to send is disconnected.
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
