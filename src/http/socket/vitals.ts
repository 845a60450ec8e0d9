import { limits } from '../../app/limits/limits.ts';
import type { Outlet } from '../../hub/outlet.ts';
import { type Close, closes } from './close-codes.ts';

/** Says when to ping, and when a connection is to be given up (W12, W13). No timer of its own. */
export class Vitals {
  #signAt: number;
  #pingAt: number;
  /** When the ping was sent that no sign of life has followed yet. */
  #unheardSince: number | undefined;
  #taken = 0;
  #takenAt: number;

  constructor(now: number) {
    this.#signAt = now;
    this.#pingAt = now + limits.pingMs;
    this.#takenAt = now;
  }

  /** The client has sent something. */
  sign(now: number): void {
    this.#signAt = now;
    this.#unheardSince = undefined;
  }

  /** Looks at the connection: whether to ping it now, or to close it. `reading`: whether it is being read. */
  look(now: number, outlet: Outlet, reading: boolean): 'ping' | Close | undefined {
    if (outlet.taken !== this.#taken || outlet.flowing) {
      this.#takenAt = now;
      if (outlet.taken !== this.#taken && outlet.waiting > 0) this.sign(now);
      this.#taken = outlet.taken;
    }
    if (now - this.#takenAt >= limits.stalledMs) return closes.slow;
    if (!reading) this.#unheardSince &&= now;
    const unheard = this.#unheardSince;
    if (unheard !== undefined && outlet.waiting === 0 && now - unheard >= limits.pongMs) {
      return closes.noPong;
    }
    if (now < this.#pingAt) return undefined;
    this.#pingAt = now + limits.pingMs;
    this.#unheardSince ??= Math.max(now, this.#signAt);
    return 'ping';
  }
}
