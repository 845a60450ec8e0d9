import { limits } from './limits.ts';

/** What a registry keeps running: it can say whether it has nothing to do, and be let go. */
export type Resident = {
  readonly idle: boolean;
  /** Whether the log holds nothing of what it is for: there is no state that would be worth keeping. */
  readonly vacant: boolean;
  stop(): Promise<void>;
};

export type RegistryOptions<Key, Actor extends Resident> = {
  readonly make: (key: Key) => Actor;
  /** At most this many are kept; beyond, those that were used least lately go first. */
  readonly residentsMax: number;
  /** Who was not used for this long is let go at the next sweep. */
  readonly idleMs: number;
  /** A clock that only goes forward, in ms. */
  readonly now: () => number;
};

/** An actor that runs, and when it was used last. `uses`: what was asked of it and is not answered yet. */
type Place<Actor> = { readonly actor: Actor; usedAt: number; uses: number };

/** Uses that follow each other within this part of `idleMs` count as one in the order of use. */
const togetherPart = 0.01;

/**
 * Keeps what is in use and lets go of what is not: a key is started by its first use and passivated when it
 * has been idle for long, or when there are too many, or soon if nothing is there. One that is busy is never let go, so
 * a key never has two actors that work.
 */
export class Registry<Key, Actor extends Resident> {
  readonly #options: RegistryOptions<Key, Actor>;
  /** In the order of their last use, since a `Map` keeps the order of insertion. */
  readonly #residents = new Map<Key, Place<Actor>>();
  /** Those of them that were vacant after their last use, in the order of it. */
  readonly #vacant = new Set<Key>();

  constructor(options: RegistryOptions<Key, Actor>) {
    this.#options = options;
  }

  get size(): number {
    return this.#residents.size;
  }

  /** Has the actor of a key do something, and keeps it until that has been done. */
  async use<Answer>(key: Key, work: (actor: Actor) => Promise<Answer>): Promise<Answer> {
    const place = this.#placeOf(key);
    const { actor } = place;
    place.uses++;
    try {
      return await work(actor);
    } finally {
      place.uses--;
      // It may have been dropped meanwhile, and another have taken its place.
      if (this.#residents.get(key) === place) this.#noteVacant(key, actor);
    }
  }

  /** The place of a key, made if there is none, as the one that was used last. */
  #placeOf(key: Key): Place<Actor> {
    const now = this.#options.now();
    const known = this.#residents.get(key);
    if (known && now - known.usedAt < this.#options.idleMs * togetherPart) return known;
    const place = known ?? { actor: this.#options.make(key), usedAt: now, uses: 0 };
    place.usedAt = now;
    this.#residents.delete(key);
    this.#residents.set(key, place);
    return place;
  }

  /** Forgets an actor that must not be used again; another takes its place at the next use. */
  drop(key: Key, actor: Actor): void {
    if (this.#residents.get(key)?.actor === actor) this.#forget(key);
  }

  #forget(key: Key): void {
    this.#residents.delete(key);
    this.#vacant.delete(key);
  }

  /** Keeps note of what is vacant, and lets go of the oldest of too many. */
  #noteVacant(key: Key, actor: Actor): void {
    this.#vacant.delete(key);
    if (actor.vacant) this.#vacant.add(key);
    if (this.#vacant.size <= limits.vacantActorsMax) return;
    for (const oldest of this.#vacant) {
      this.#vacant.delete(oldest);
      const place = this.#residents.get(oldest);
      if (place === undefined || !isFree(place) || !place.actor.vacant) continue;
      this.#forget(oldest);
      void place.actor.stop();
      return;
    }
  }

  /** Lets go of who is idle for long and of what is too many; resolves when they have stopped. */
  async sweep(): Promise<void> {
    const { residentsMax, idleMs, now } = this.#options;
    const oldest = now() - idleMs;
    const stopping: Promise<void>[] = [];
    for (const [key, place] of this.#residents) {
      if (place.usedAt > oldest && this.#residents.size <= residentsMax) break;
      if (!isFree(place)) continue;
      this.#forget(key);
      stopping.push(place.actor.stop());
    }
    await Promise.all(stopping);
  }

  /** Removes and stops the actors of the keys that match, busy ones after they have answered. */
  async evict(matches: (key: Key) => boolean): Promise<void> {
    const evicted = [...this.#residents].filter(([key]) => matches(key));
    for (const [key] of evicted) this.#forget(key);
    await Promise.all(evicted.map(([, { actor }]) => actor.stop()));
  }

  /** Stops all, busy ones after they have answered. */
  async stop(): Promise<void> {
    await this.evict(() => true);
  }
}

/** Whether nothing that was asked of an actor is unanswered. */
const isFree = ({ actor, uses }: Place<Resident>): boolean => uses === 0 && actor.idle;
