import { type Share, type SharedLimit, type Sharing, unshared } from './sharing.ts';

/** Counts what each key takes. */
export type Counter = {
  /** Takes one; returns 0, or the ms to wait if there was none. */
  take(key: string): number;
  /** Subtracts what was taken elsewhere, whatever is left; negative: what was given back. */
  subtract(key: string, count: number): void;
};

export type SharedOptions = Pick<SharedLimit, 'name' | 'burst'> & {
  /** Default: there are no other nodes. */
  readonly sharing?: Sharing | undefined;
};

/** A counter that is shared with the other nodes. */
export class Shared<Of extends Counter> {
  readonly counter: Of;
  readonly #share: Share;

  constructor(counter: Of, { name, burst, sharing = unshared }: SharedOptions) {
    this.counter = counter;
    const subtract = (key: string, count: number): void => counter.subtract(key, count);
    this.#share = sharing({ name, burst, subtract });
  }

  /** `Share.pending`: nothing must be taken before. */
  pending(key: string): Promise<void> | undefined {
    return this.#share.pending(key);
  }

  /** Takes one; returns 0, or the ms to wait if there was none. */
  take(key: string): number {
    const wait = this.counter.take(key);
    if (wait === 0) this.#share.took(key, 1);
    return wait;
  }

  /** The same when nothing is pending any more. */
  takeWhenReady(key: string): number | Promise<number> {
    const waiting = this.pending(key);
    return waiting === undefined ? this.take(key) : waiting.then(() => this.takeWhenReady(key));
  }

  /** Returns one that was taken for nothing. */
  giveBack(key: string): void {
    this.counter.subtract(key, -1);
    this.#share.took(key, -1);
  }
}
