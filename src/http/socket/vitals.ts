import { limits } from '../../app/limits/limits.ts';
import type { Outlet } from '../../hub/outlet.ts';
import { type Close, closes } from './close-codes.ts';

/** Decides when to ping, and when to give up a connection (W12, W13). Has no timer of its own. */
export class Vitals {
  #signAt: number;
  #pingAt: number;
  /** When the unanswered ping was sent. */
  #unansweredSince: number | undefined;
  #taken = 0;
  #takenAt: number;

  constructor(now: number) {
    this.#signAt = now;
    this.#pingAt = now + limits.pingMs;
    this.#takenAt = now;
  }

  /** Records a sign of life. */
  sign(now: number): void {
    this.#signAt = now;
    this.#unansweredSince = undefined;
  }

  /** Returns whether to ping the connection now, or to close it. `reading`: whether it is being read. */
  look(now: number, outlet: Outlet, reading: boolean): 'ping' | Close | undefined {
    if (outlet.taken !== this.#taken || outlet.flowing) {
      this.#takenAt = now;
      if (outlet.taken !== this.#taken && outlet.waiting > 0) this.sign(now);
      this.#taken = outlet.taken;
    }
    if (now - this.#takenAt >= limits.stalledMs) return closes.slow;
    if (!reading) this.#unansweredSince &&= now;
    const unanswered = this.#unansweredSince;
    if (unanswered !== undefined && outlet.waiting === 0 && now - unanswered >= limits.pongMs) {
      return closes.noPong;
    }
    if (now < this.#pingAt) return undefined;
    this.#pingAt = now + limits.pingMs;
    this.#unansweredSince ??= Math.max(now, this.#signAt);
    return 'ping';
  }
}
