import { Recent } from '../recent.ts';

export type FrozenMemory<Value> = {
  readonly forgottenSeq: number;
  readonly turn: { readonly at: number; readonly upTo: number };
  readonly entries: [string, Value][];
};

/**
 * The newest entries of an unbounded history, and up to where the log must be read for the others: what was dropped
 * was set at `forgottenSeq` or before.
 */
export class Memory<Value> {
  readonly #recent: Recent<Value>;
  #forgottenSeq: number;
  /** The end of the log when the older generation was full: at or after its last entry. */
  #turn: { readonly at: number; readonly upTo: number };

  constructor(min: number, frozen?: FrozenMemory<Value>) {
    this.#recent = new Recent(min, frozen?.entries);
    this.#forgottenSeq = frozen?.forgottenSeq ?? 0;
    this.#turn = frozen?.turn ?? { at: 0, upTo: 0 };
  }

  /** Everything that was dropped was set at this position of the log or before; 0: nothing was dropped. */
  get forgottenSeq(): number {
    return this.#forgottenSeq;
  }

  get(key: string): Value | undefined {
    return this.#recent.get(key);
  }

  /** Whether an entry is kept and will be after so many more were set. */
  keeps(key: string, more: number): boolean {
    return this.#recent.keeps(key, more);
  }

  /**
   * Sets an entry of the commit after `seq`. The end of the generation that it makes the memory drop is known one
   * commit after that was full, long before it is dropped: so the read model has passed it by then, and a lookup
   * waits for nothing. `isTurn`: the older generation, if any, is dropped from now on.
   */
  set(key: string, value: Value, seq: number): { readonly isTurn: boolean } {
    const { at, upTo } = this.#turn;
    if (upTo === 0 && seq > at) this.#turn = { at, upTo: seq };
    const change = this.#recent.set(key, value);
    if (change === 'added') return { isTurn: false };
    if (change === 'forgot') this.#forgottenSeq = this.#turn.upTo || seq;
    this.#turn = { at: seq, upTo: 0 };
    return { isTurn: true };
  }

  /** Changes an entry in place, if it is kept. */
  replace(key: string, value: Value): void {
    this.#recent.replace(key, value);
  }

  freeze(): FrozenMemory<Value> {
    return {
      forgottenSeq: this.#forgottenSeq,
      turn: this.#turn,
      entries: this.#recent.entries(),
    };
  }
}
