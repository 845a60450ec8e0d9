/** Reports what fails once until it succeeds again: while the servers are away, each attempt fails. */
export class Trouble {
  readonly #onError: (error: Error) => void;
  readonly #failing = new Set<string>();
  #isOver = false;

  constructor(onError: (error: Error) => void) {
    this.#onError = onError;
  }

  /** `what`: what cannot be done, a sentence. */
  failed(what: string, cause: unknown): void {
    if (this.#isOver || this.#failing.has(what)) return;
    this.#failing.add(what);
    this.#onError(new Error(what, { cause }));
  }

  succeeded(what: string): void {
    this.#failing.delete(what);
  }

  /** Reports nothing any more. */
  stop(): void {
    this.#isOver = true;
  }
}
