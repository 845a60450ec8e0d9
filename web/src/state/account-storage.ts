import type { Storage } from './storage.ts';

/** How all names begin. */
export const accountPrefix = 'oshi:';

/** What nobody came back to for so long is removed, whoever wrote it, in ms. */
const keptMs = 30 * 86_400_000;

/** A value as it is kept, and since when, in ms since 1970. */
export type Kept<T> = { readonly at: number; readonly value: T };

/**
 * What one account keeps in this browser. Each name begins with the account's id, so what one account has written is
 * never read for another that logs in here.
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

  /** Keeps a value under a name; undefined removes it. */
  set(name: string, value: unknown): void {
    const kept = value === undefined ? undefined : JSON.stringify({ at: this.#now(), value });
    this.#storage.set(`${this.#begin}${name}`, kept);
  }

  /** Calls with what other tabs keep and remove of this account; gives what ends that. */
  watch(onChange: (name: string, value: unknown) => void): () => void {
    return this.#storage.watch((name, text) => {
      if (!name.startsWith(this.#begin)) return;
      onChange(name.slice(this.#begin.length), parsed(text)?.value);
    });
  }

  /** The names that begin so. */
  names(begin: string): string[] {
    const names = this.#storage.names().filter((name) => name.startsWith(this.#begin + begin));
    return names.map((name) => name.slice(this.#begin.length));
  }
}

/** Removes what any account has kept for too long, and what cannot be read. */
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
