import { clearTimeout, setTimeout } from '../../runtime/timers.ts';
/**
 * Delays callers for a fixed time. When it is full, the first continues immediately: nothing is refused, and the number
 * of waiting callers is bounded.
 */
export class WaitingRoom {
  readonly #options: { readonly holdMs: number; readonly heldMax: number };
  readonly #held = new Set<() => void>();

  constructor(options: { readonly holdMs: number; readonly heldMax: number }) {
    this.#options = options;
  }

  /** Resolves after the delay, or earlier if the room is full. */
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
      const [first] = this.#held.size > heldMax ? this.#held : [];
      first?.();
    });
  }
}
