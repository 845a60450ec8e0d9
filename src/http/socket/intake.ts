import { limits } from '../limits.ts';

/** A socket that can be told to stop reading for a while. */
export type Pausable = { pause(): void; resume(): void };

/**
 * Says whether a connection reads on (W16): not while it owes too many answers, nor while it has sent more
 * frames than it may, nor while the client does not take what was sent to it. Nothing is refused by it; the
 * client is slowed by its own socket.
 */
export class Intake {
  readonly #socket: Pausable;
  #level: number;
  #at: number;
  #paused = false;
  #signals: number;
  #signalAt: number;

  constructor(socket: Pausable, { now, hasRate }: { now: number; hasRate: boolean }) {
    this.#socket = socket;
    this.#at = now;
    this.#signalAt = now;
    this.#level = hasRate ? limits.framesBurst : Number.POSITIVE_INFINITY;
    this.#signals = hasRate ? limits.signalsPerSecond : Number.POSITIVE_INFINITY;
  }

  get paused(): boolean {
    return this.#paused;
  }

  /** Counts a frame. */
  count(now: number): void {
    const gained = ((now - this.#at) / 1000) * limits.framesPerSecond;
    if (this.#level < Number.POSITIVE_INFINITY) {
      this.#level = Math.min(limits.framesBurst, this.#level + gained) - 1;
    }
    this.#at = now;
  }

  /** Counts a signal; gives whether it is taken, and not one too many. */
  takeSignal(now: number): boolean {
    const { signalsPerSecond } = limits;
    const gained = ((now - this.#signalAt) / 1000) * signalsPerSecond;
    this.#signalAt = now;
    if (this.#signals < Number.POSITIVE_INFINITY) {
      this.#signals = Math.min(signalsPerSecond, this.#signals + gained);
    }
    if (this.#signals < 1) return false;
    this.#signals--;
    return true;
  }

  /** Reads on for good: what is read now is thrown away, but the end of the connection must be seen. */
  release(): void {
    if (this.#paused) this.#socket.resume();
    this.#paused = false;
  }

  /** Reads on or not. Called whenever something has changed, and from time to time. */
  steer(now: number, { unanswered, flowing }: { unanswered: number; flowing: boolean }): void {
    const level = this.#level + ((now - this.#at) / 1000) * limits.framesPerSecond;
    const pause = unanswered >= limits.unansweredMax || !flowing || level < 0;
    if (pause === this.#paused) return;
    this.#paused = pause;
    if (pause) this.#socket.pause();
    else this.#socket.resume();
  }
}
