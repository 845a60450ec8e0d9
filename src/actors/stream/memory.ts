import { Recent } from '../recent.ts';

/** A memory as JSON. */
export type FrozenMemory<Value> = {
  readonly forgottenSeq: number;
  readonly turn: { readonly at: number; readonly upTo: number };
  readonly entries: [string, Value][];
};

/**
 * The newest entries of a history without an end, and how far the log must be read to know the others: what is
 * forgotten was set at `forgottenSeq` or before.
 */
export class Memory<Value> {
  readonly #recent: Recent<Value>;
  #forgottenSeq: number;
  /** Where the log was when the older generation was full, and a place at or after its last entry. */
  #turn: { readonly at: number; readonly upTo: number };

  constructor(min: number, frozen?: FrozenMemory<Value>) {
    this.#recent = new Recent(min, frozen?.entries);
    this.#forgottenSeq = frozen?.forgottenSeq ?? 0;
    this.#turn = frozen?.turn ?? { at: 0, upTo: 0 };
  }

  /** A place in the log at or before which everything was set that is forgotten; 0: nothing is. */
  get forgottenSeq(): number {
    return this.#forgottenSeq;
  }

  get(key: string): Value | undefined {
    return this.#recent.get(key);
  }

  /** Whether an entry is here and will be after so many more were set. */
  keeps(key: string, more: number): boolean {
    return this.#recent.keeps(key, more);
  }

  /**
   * Sets an entry of the commit behind `seq`. Where the generation that it makes the memory forget ends is known one
   * commit after that was full, long before it is forgotten: so the read model has come past it by then, and looking
   * something up waits for nothing. `isTurn`: the older generation, if there was one, is forgotten from now on.
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

  /** Changes an entry where it stands, if it is here. */
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
