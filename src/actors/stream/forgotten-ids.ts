import { uuid7Time } from '../../events/ids.ts';
import { limits } from '../limits.ts';

/** The bounds of dropped ids, as JSON. */
export type FrozenForgottenIds = {
  readonly young: string;
  readonly old: string;
  readonly gone: string;
  readonly ahead: readonly string[];
};

const none: FrozenForgottenIds = { young: '', old: '', gone: '', ahead: [] };

const greater = (one: string, other: string): string => (one > other ? one : other);

/**
 * Recognises most unused ids in a history whose older ids were dropped. Version 7 ids grow with their time, so an id
 * greater than the greatest dropped one is new. Clients may send any time: ids far ahead of the server's clock would
 * spoil the bound for all others, so they are kept one by one. When there are too many, they raise the bound, and ids
 * below it must be looked up.
 */
export class ForgottenIds {
  /** The greatest id of the current generation, of the one before, and of all that were dropped. */
  #young: string;
  #old: string;
  #gone: string;
  readonly #ahead: Set<string>;

  constructor({ young, old, gone, ahead }: FrozenForgottenIds = none) {
    this.#young = young;
    this.#old = old;
    this.#gone = gone;
    this.#ahead = new Set(ahead);
  }

  /** Whether an id that is not kept was certainly never used. */
  isNew(id: string): boolean {
    return id > this.#gone && !this.#ahead.has(id);
  }

  /** Adds an id that is used at `at`, in ms since 1970. */
  use(id: string, at: number): void {
    const isAhead = uuid7Time(id) > at + limits.idAheadMs;
    if (isAhead && this.#ahead.size < limits.idsAheadMax) this.#ahead.add(id);
    else this.#young = greater(this.#young, id);
  }

  /** A generation of ids is full: the one before it is dropped. */
  turn(): void {
    this.#gone = greater(this.#gone, this.#old);
    this.#old = this.#young;
    this.#young = '';
  }

  freeze(): FrozenForgottenIds {
    return { young: this.#young, old: this.#old, gone: this.#gone, ahead: [...this.#ahead] };
  }
}
