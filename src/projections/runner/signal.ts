/** Something that happens again and again, and then no more. */
export class Signal {
  #next: Promise<void> | undefined;
  #fire: (() => void) | undefined;
  #end: ((reason: Error) => void) | undefined;
  #ended: Error | undefined;

  /** Resolves the next time that it happens; rejects if it happens no more. */
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
