/** The entry of a key in a named set; null: there is none. */
export type Entry = readonly [name: string, key: string, value: unknown];

/** Changes of a node's entries, numbered 1, 2, 3, … Without any: the number of the last ones. */
export type Changes = {
  readonly from: string;
  readonly number: number;
  readonly entries?: readonly Entry[];
};

/** A part of all entries of a node, as of the changes with this number. */
export type StatePart = Changes & {
  /** From 0. */
  readonly part: number;
  readonly isLast: boolean;
};

/**
 * The entries of another node, as far as they have arrived. It is only brought up to date by a whole state, and follows
 * the changes from there; a missing one is noticed by its number. Keeps the keys, not the values.
 */
export class NodeCopy {
  readonly #report: (entry: Entry) => void;
  /** The keys of each set, with the state in which each was last seen. */
  readonly #keys = new Map<string, Map<string, number>>();
  #number = 0;
  #state = 0;
  #nextPart = 0;
  isCurrent = false;

  /** `report`: told of each change. */
  constructor(report: (entry: Entry) => void) {
    this.#report = report;
  }

  change({ number, entries = [] }: Changes): void {
    if (!this.isCurrent) return;
    this.isCurrent = number === this.#number + (entries.length > 0 ? 1 : 0);
    if (!this.isCurrent) return;
    this.#number = number;
    for (const entry of entries) this.#apply(entry);
  }

  /** After the last part, what was in none of them is gone. */
  replace({ number, part, isLast, entries = [] }: StatePart): void {
    if (part === 0) this.#state += 1;
    else if (part !== this.#nextPart) return;
    this.#nextPart = isLast ? 0 : part + 1;
    for (const entry of entries) this.#apply(entry);
    if (!isLast) return;
    this.#number = number;
    this.isCurrent = true;
    this.#removeIf((state) => state !== this.#state);
  }

  /** The node is gone, and all its entries with it. */
  clear(): void {
    this.isCurrent = false;
    this.#removeIf(() => true);
  }

  #apply([name, key, value]: Entry): void {
    const keys = this.#keys.get(name) ?? new Map<string, number>();
    this.#keys.set(name, keys);
    if (value === null) keys.delete(key);
    else keys.set(key, this.#state);
    this.#report([name, key, value]);
  }

  #removeIf(isGone: (state: number) => boolean): void {
    for (const [name, keys] of this.#keys) {
      for (const [key, state] of keys) if (isGone(state)) this.#apply([name, key, null]);
    }
  }
}
