import type { Storage } from './storage.ts';

/** The prefix of all names. */
export const accountPrefix = 'oshi:';

/** Entries unused for this long are removed, for all accounts, in ms. */
const keptMs = 30 * 86_400_000;

/** A stored value and its time, in ms since 1970. */
export type Kept<T> = { readonly at: number; readonly value: T };

/**
 * The storage of one account in this browser. Each name starts with the account's id, so that another account never
 * reads it.
 */
export class AccountStorage {
  readonly #storage: Storage;
  readonly #begin: string;
  readonly #now: () => number;

  constructor(storage: Storage, user: string, now: () => number) {
    this.#storage = storage;
    this.#begin = `${accountPrefix}${user}:`;
    this.#now = now;
  }

  get<T>(name: string): Kept<T> | undefined {
    return parsed(this.#storage.get(`${this.#begin}${name}`));
  }

  /** Stores a value under a name; undefined removes it. */
  set(name: string, value: unknown): void {
    const kept = value === undefined ? undefined : JSON.stringify({ at: this.#now(), value });
    this.#storage.set(`${this.#begin}${name}`, kept);
  }

  /** Calls back with changes by other tabs of this account; returns a function to stop. */
  watch(onChange: (name: string, value: unknown) => void): () => void {
    return this.#storage.watch((name, text) => {
      if (!name.startsWith(this.#begin)) return;
      onChange(name.slice(this.#begin.length), parsed(text)?.value);
    });
  }

  /** The names with this prefix. */
  names(begin: string): string[] {
    const names = this.#storage.names().filter((name) => name.startsWith(this.#begin + begin));
    return names.map((name) => name.slice(this.#begin.length));
  }
}

/** Removes expired and unreadable entries of all accounts. */
export const removeOld = (storage: Storage, now: number): void => {
  for (const name of storage.names()) {
    if (!name.startsWith(accountPrefix)) continue;
    const kept = parsed(storage.get(name));
    if (!kept || kept.at < now - keptMs) storage.set(name, undefined);
  }
};

const parsed = <T>(text = ''): Kept<T> | undefined => {
  try {
    const kept = JSON.parse(text) as Kept<T>;
    return typeof kept.at === 'number' ? kept : undefined;
  } catch {
    return undefined;
  }
};
