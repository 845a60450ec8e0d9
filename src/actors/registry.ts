import { limits } from './limits.ts';

export type Resident = {
  readonly idle: boolean;
  /** Whether the log holds nothing of it, so that there is no state worth keeping. */
  readonly vacant: boolean;
  stop(): Promise<void>;
};

export type RegistryOptions<Key, Actor extends Resident> = {
  readonly make: (key: Key) => Actor;
  /** At most this many are kept; beyond, the least recently used ones are stopped. */
  readonly residentsMax: number;
  /** Actors that were not used for this long are stopped at the next sweep. */
  readonly idleMs: number;
  /** A monotonic clock, in ms. */
  readonly now: () => number;
};

/** A running actor, and when it was last used. `uses`: how many calls are unanswered; `onUnused`: after the last one. */
type Entry<Actor> = {
  readonly actor: Actor;
  usedAt: number;
  uses: number;
  onUnused?: () => void;
};

/** Uses within this fraction of `idleMs` count as simultaneous in the order of use. */
const togetherPart = 0.01;

/**
 * Keeps actors that are in use and stops others: the first use of a key starts its actor, and it is passivated when
 * it has been idle for long, when there are too many, or soon if it is vacant. A busy one is never stopped, so a key
 * never has two working actors.
 */
export class Registry<Key, Actor extends Resident> {
  readonly #options: RegistryOptions<Key, Actor>;
  /** In the order of their last use, since a `Map` keeps the order of insertion. */
  readonly #residents = new Map<Key, Entry<Actor>>();
  /** Those that were vacant after their last use, in the order of it. */
  readonly #vacant = new Set<Key>();

  constructor(options: RegistryOptions<Key, Actor>) {
    this.#options = options;
  }

  get size(): number {
    return this.#residents.size;
  }

  /** Runs a call on the actor of a key, and keeps the actor until the call has settled. */
  async use<Answer>(key: Key, work: (actor: Actor) => Promise<Answer>): Promise<Answer> {
    const entry = this.#entryOf(key);
    const { actor } = entry;
    entry.uses++;
    try {
      return await work(actor);
    } finally {
      entry.uses--;
      if (entry.uses === 0) entry.onUnused?.();
      // It may have been dropped and replaced meanwhile.
      if (this.#residents.get(key) === entry) this.#recordVacant(key, actor);
    }
  }

  /** The entry of a key, created if there is none, as the most recently used. */
  #entryOf(key: Key): Entry<Actor> {
    const now = this.#options.now();
    const known = this.#residents.get(key);
    if (known && now - known.usedAt < this.#options.idleMs * togetherPart) return known;
    const entry = known ?? { actor: this.#options.make(key), usedAt: now, uses: 0 };
    entry.usedAt = now;
    this.#residents.delete(key);
    this.#residents.set(key, entry);
    return entry;
  }

  /** Removes an actor that must not be used any more; the next use starts another. */
  drop(key: Key, actor: Actor): void {
    if (this.#residents.get(key)?.actor === actor) this.#remove(key);
  }

  #remove(key: Key): void {
    this.#residents.delete(key);
    this.#vacant.delete(key);
  }

  /** Records whether an actor is vacant, and stops the oldest of too many vacant ones. */
  #recordVacant(key: Key, actor: Actor): void {
    this.#vacant.delete(key);
    if (actor.vacant) this.#vacant.add(key);
    if (this.#vacant.size <= limits.vacantActorsMax) return;
    for (const oldest of this.#vacant) {
      this.#vacant.delete(oldest);
      const entry = this.#residents.get(oldest);
      if (entry === undefined || !isFree(entry) || !entry.actor.vacant) continue;
      this.#remove(oldest);
      void entry.actor.stop();
      return;
    }
  }

  /** Stops actors that are idle for long or too many; resolves when they have stopped. */
  async sweep(): Promise<void> {
    const { residentsMax, idleMs, now } = this.#options;
    const oldest = now() - idleMs;
    const stopping: Promise<void>[] = [];
    for (const [key, entry] of this.#residents) {
      if (entry.usedAt > oldest && this.#residents.size <= residentsMax) break;
      if (!isFree(entry)) continue;
      this.#remove(key);
      stopping.push(entry.actor.stop());
    }
    await Promise.all(stopping);
  }

  /** Removes the actors of the keys that match, and stops them when all calls are answered. */
  async evict(matches: (key: Key) => boolean): Promise<void> {
    const evicted = [...this.#residents].filter(([key]) => matches(key));
    for (const [key] of evicted) this.#remove(key);
    await Promise.all(
      evicted.map(async ([, entry]) => {
        await unused(entry);
        await entry.actor.stop();
      }),
    );
  }

  /** Stops all; busy ones answer first. */
  async stop(): Promise<void> {
    const actors = [...this.#residents.values()].map(({ actor }) => actor);
    for (const key of [...this.#residents.keys()]) this.#remove(key);
    await Promise.all(actors.map((actor) => actor.stop()));
  }
}

/** Whether no call is unanswered. */
const isFree = ({ actor, uses }: Entry<Resident>): boolean => uses === 0 && actor.idle;

/** Resolves when no call is unanswered any more. */
const unused = (entry: Entry<Resident>): Promise<void> | undefined =>
  entry.uses === 0
    ? undefined
    : new Promise((resolve) => {
        entry.onUnused = resolve;
      });
