/** A repeated event, which may end. */
export class Signal {
  #next: Promise<void> | undefined;
  #fire: (() => void) | undefined;
  #end: ((reason: Error) => void) | undefined;
  #ended: Error | undefined;

  /** Resolves when it next happens; rejects once it has ended. */
  next(): Promise<void> {
    if (this.#ended) return Promise.reject(this.#ended);
    this.#next ??= new Promise((resolve, reject) => {
      this.#fire = resolve;
      this.#end = reject;
    });
    return this.#next;
  }

  fire(): void {
    this.#fire?.();
    this.#next = undefined;
  }

  end(reason: Error): void {
    this.#ended ??= reason;
    this.#end?.(reason);
  }
}
