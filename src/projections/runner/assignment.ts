/** Whether a partition is assigned to a loop, which calls `wait` where it holds nothing and writes nothing. */
export class Assignment {
  #isRevoked = false;
  #isIdle = false;
  #isEnded = false;
  readonly #listeners = new Set<() => void>();

  constructor(isAssigned: boolean) {
    this.#isRevoked = !isAssigned;
  }

  get isRevoked(): boolean {
    return this.#isRevoked;
  }

  assign(): void {
    this.#isRevoked = false;
    this.#notify();
  }

  /** Resolves when the loop waits, or has ended. Assign the partition again only after that. */
  revoke(): Promise<void> {
    this.#isRevoked = true;
    return this.#until(() => this.#isIdle || this.#isEnded);
  }

  /** For the loop: resolves when the partition is assigned. */
  async wait(): Promise<void> {
    this.#isIdle = true;
    this.#notify();
    await this.#until(() => !this.#isRevoked);
    this.#isIdle = false;
  }

  /** For the loop: it has ended. */
  end(): void {
    this.#isEnded = true;
    this.#notify();
  }

  async #until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => this.#listeners.add(resolve));
  }

  #notify(): void {
    for (const listener of this.#listeners) listener();
    this.#listeners.clear();
  }
}
