import { signal } from '@preact/signals';
import type { Participant, User } from '../../../src/client/objects.ts';
import { fold } from '../../../src/text/fold.ts';

const idsMax = 100;

/** Whether two names are equal, ignoring case and form. */
export const isSame = (a: string, b: string): boolean => fold(a.trim()) === fold(b.trim());

/** The known users; unknown ones are requested once, in batches. */
export class People {
  readonly #known = signal<ReadonlyMap<string, User>>(new Map());
  readonly #requested = new Set<string>();
  readonly #fetch: (ids: readonly string[]) => Promise<readonly User[]>;
  #queued: string[] = [];

  constructor(fetch: (ids: readonly string[]) => Promise<readonly User[]>) {
    this.#fetch = fetch;
  }

  learn(users: readonly Participant[]): void {
    if (users.length === 0) return;
    const known = new Map(this.#known.value);
    // Nicknames are of one circle only.
    for (const { member: _, ...user } of users) known.set(user.id, user);
    this.#known.value = known;
  }

  /** The user; undefined until loaded, then readers are re-rendered. */
  get(id: string): User | undefined {
    const user = this.#known.value.get(id);
    if (!user) this.#want(id);
    return user;
  }

  /** The known users with this name. */
  named(name: string): User[] {
    return [...this.#known.value.values()].filter(({ displayName }) => isSame(displayName, name));
  }

  #want(id: string): void {
    if (this.#requested.has(id)) return;
    this.#requested.add(id);
    this.#queued.push(id);
    if (this.#queued.length === 1) queueMicrotask(() => void this.#load());
  }

  async #load(): Promise<void> {
    const ids = this.#queued.slice(0, idsMax);
    this.#queued = this.#queued.slice(idsMax);
    try {
      this.learn(await this.#fetch(ids));
    } catch {
      // Requested again at the next access.
      for (const id of ids) this.#requested.delete(id);
    }
    if (this.#queued.length > 0) await this.#load();
  }
}
