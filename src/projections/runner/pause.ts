import { clearTimeout, setTimeout } from '../../runtime/timers.ts';
/** A pause that can be cut short. */
export class Pause {
  #end: (() => void) | undefined;

  /** Resolves after so many ms, or when `end` is called. */
  of(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#end = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  end(): void {
    this.#end?.();
  }
}
