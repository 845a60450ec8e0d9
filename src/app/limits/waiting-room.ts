import { clearTimeout, setTimeout } from '../../runtime/timers.ts';
/**
 * Holds what comes for a time. When it is full, what came first may go on at once: nothing is ever refused, and no
 * more than so many are held.
 */
export class WaitingRoom {
  readonly #options: { readonly holdMs: number; readonly heldMax: number };
  readonly #held = new Set<() => void>();

  constructor(options: { readonly holdMs: number; readonly heldMax: number }) {
    this.#options = options;
  }

  /** Resolves after the time, or sooner if the room is full. */
  hold(): Promise<void> {
    const { holdMs, heldMax } = this.#options;
    return new Promise((resolve) => {
      const leave = (): void => {
        clearTimeout(timer);
        this.#held.delete(leave);
        resolve();
      };
      const timer = setTimeout(leave, holdMs).unref();
      this.#held.add(leave);
      if (this.#held.size <= heldMax) return;
      for (const first of this.#held) {
        first();
        return;
      }
    });
  }
}
