/** Keeps a loop from its next step for as long as it is held. */
export class Hold {
  #held: Promise<void> | undefined;

  /** Holds the loop; returns the function that releases it. */
  acquire(): () => void {
    let release = (): void => {};
    this.#held = new Promise((resolve) => {
      release = () => {
        this.#held = undefined;
        resolve();
      };
    });
    return release;
  }

  /** For the loop: resolves when it is released; undefined if it is not held. */
  get held(): Promise<void> | undefined {
    return this.#held;
  }
}
