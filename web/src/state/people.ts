import { signal } from '@preact/signals';
import type { User } from '../../../src/client/objects.ts';
import { fold } from '../../../src/text/fold.ts';

const idsMax = 100;

/** Whether two names are the same in whatever case and form. */
export const isSame = (a: string, b: string): boolean => fold(a.trim()) === fold(b.trim());

/** Everybody whose name is known; somebody unknown is asked for once, together with others of the same moment. */
export class People {
  readonly #known = signal<ReadonlyMap<string, User>>(new Map());
  readonly #asked = new Set<string>();
  readonly #fetch: (ids: readonly string[]) => Promise<readonly User[]>;
  #wanted: string[] = [];

  constructor(fetch: (ids: readonly string[]) => Promise<readonly User[]>) {
    this.#fetch = fetch;
  }

  learn(users: readonly User[]): void {
    if (users.length === 0) return;
    const known = new Map(this.#known.value);
    for (const { id, username, displayName, avatar, about } of users) {
      const extras = {
        ...(avatar !== undefined && { avatar }),
        ...(about !== undefined && { about }),
      };
      known.set(id, { id, username, displayName, ...extras });
    }
    this.#known.value = known;
  }

  /** Who that is; undefined until it is known, which whoever reads this is told. */
  get(id: string): User | undefined {
    const user = this.#known.value.get(id);
    if (!user) this.#want(id);
    return user;
  }

  /** Those among them who are called so. */
  named(name: string): User[] {
    return [...this.#known.value.values()].filter(({ displayName }) => isSame(displayName, name));
  }

  #want(id: string): void {
    if (this.#asked.has(id)) return;
    this.#asked.add(id);
    this.#wanted.push(id);
    if (this.#wanted.length === 1) queueMicrotask(() => void this.#ask());
  }

  async #ask(): Promise<void> {
    const ids = this.#wanted.slice(0, idsMax);
    this.#wanted = this.#wanted.slice(idsMax);
    try {
      this.learn(await this.#fetch(ids));
    } catch {
      // Asked again by whoever next looks for them.
      for (const id of ids) this.#asked.delete(id);
    }
    if (this.#wanted.length > 0) await this.#ask();
  }
}
