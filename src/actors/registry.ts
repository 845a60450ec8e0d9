/** What a registry keeps running: it can say whether it has nothing to do, and be let go. */
export type Resident = { readonly idle: boolean; stop(): Promise<void> };

export type RegistryOptions<Key, Actor extends Resident> = {
  readonly make: (key: Key) => Actor;
  /** At most this many are kept; beyond, those that were used least lately go first. */
  readonly residentsMax: number;
  /** Who was not used for this long is let go at the next sweep. */
  readonly idleMs: number;
  readonly now: () => number;
};

/**
 * Keeps what is in use and lets go of what is not: a key is started by the first `get` and passivated when it
 * has been idle for long, or when there are too many. Somebody who is busy is never let go.
 */
export class Registry<Key, Actor extends Resident> {
  readonly #options: RegistryOptions<Key, Actor>;
  /** In the order of their last use, since a `Map` keeps the order of insertion. */
  readonly #residents = new Map<Key, { readonly actor: Actor; readonly usedAt: number }>();

  constructor(options: RegistryOptions<Key, Actor>) {
    this.#options = options;
  }

  get size(): number {
    return this.#residents.size;
  }

  get(key: Key): Actor {
    const actor = this.#residents.get(key)?.actor ?? this.#options.make(key);
    this.#residents.delete(key);
    this.#residents.set(key, { actor, usedAt: this.#options.now() });
    return actor;
  }

  /** Forgets an actor that must not be used again; another takes its place at the next `get`. */
  drop(key: Key, actor: Actor): void {
    if (this.#residents.get(key)?.actor === actor) this.#residents.delete(key);
  }

  /** Lets go of who is idle for long and of what is too many; resolves when they have stopped. */
  async sweep(): Promise<void> {
    const { residentsMax, idleMs, now } = this.#options;
    const oldest = now() - idleMs;
    const stopping: Promise<void>[] = [];
    for (const [key, { actor, usedAt }] of this.#residents) {
      if (usedAt > oldest && this.#residents.size <= residentsMax) break;
      if (!actor.idle) continue;
      this.#residents.delete(key);
      stopping.push(actor.stop());
    }
    await Promise.all(stopping);
  }

  /** Stops all, busy ones after they have answered. */
  async stop(): Promise<void> {
    const actors = [...this.#residents.values()].map(({ actor }) => actor);
    this.#residents.clear();
    await Promise.all(actors.map((actor) => actor.stop()));
  }
}
