import { uuid7Time } from '../../events/ids.ts';
import { limits } from '../limits.ts';

/** What is known of forgotten ids, as JSON. */
export type FrozenForgottenIds = {
  readonly young: string;
  readonly old: string;
  readonly gone: string;
  readonly ahead: readonly string[];
};

const none: FrozenForgottenIds = { young: '', old: '', gone: '', ahead: [] };

const greater = (one: string, other: string): string => (one > other ? one : other);

/**
 * Tells of most ids that they were never used, in a history whose older ids are forgotten. Ids of version 7 grow with
 * the time that they carry, so one that is greater than the greatest forgotten id is new. Any time is accepted in an id:
 * those that carry a time far ahead of their own would spoil the bound for all others, so they are kept one by one. When
 * there are too many of them, they count for the bound, and what is below it must be looked up.
 */
export class ForgottenIds {
  /** The greatest id of the generation that is being filled, of the one before, and of all that are forgotten. */
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

  /** Whether an id that is not remembered was certainly never used. */
  isNew(id: string): boolean {
    return id > this.#gone && !this.#ahead.has(id);
  }

  /** Takes in an id that is used now, at `at` in ms since 1970. */
  use(id: string, at: number): void {
    const isAhead = uuid7Time(id) > at + limits.idAheadMs;
    if (isAhead && this.#ahead.size < limits.idsAheadMax) this.#ahead.add(id);
    else this.#young = greater(this.#young, id);
  }

  /** A generation of ids is full: the one before it is forgotten. */
  turn(): void {
    this.#gone = greater(this.#gone, this.#old);
    this.#old = this.#young;
    this.#young = '';
  }

  freeze(): FrozenForgottenIds {
    return { young: this.#young, old: this.#old, gone: this.#gone, ahead: [...this.#ahead] };
  }
}
