import { clearTimeout, setTimeout } from '../../runtime/timers.ts';

/** A limit that all nodes share. */
export type SharedLimit = {
  /** The same on all nodes, and different from that of any other limit. */
  readonly name: string;
  /** What a key may take at once. */
  readonly burst: number;
  /** Subtracts what a key took on another node; negative: what was given back there. */
  readonly subtract: (key: string, count: number) => void;
};

/** How a limit takes part in the sharing. */
export type Share = {
  /** A key took so many here; negative: they were given back. */
  took(key: string, count: number): void;
  /**
   * Undefined if a key may take one more here. Otherwise the other nodes may not know yet of so many that it would be
   * too much if all nodes had as many: resolves when they know more, or when that has taken too long.
   */
  pending(key: string): Promise<void> | undefined;
};

export type Sharing = (limit: SharedLimit) => Share;

/** The limits of a single node. */
export const unshared: Sharing = () => ({ took: () => undefined, pending: () => undefined });

/** Messages to all nodes, this one included: at most once, in the order of their sender. */
export type Channel = {
  publish(topic: string, message: unknown): void;
  subscribe(topic: string, handler: (message: unknown) => void): () => void;
};

export type NodeSharingOptions = {
  readonly bus: Channel;
  /** The id of this node. */
  readonly me: string;
  /** How many nodes there are, this one included. */
  readonly size: () => number;
};

const topic = 'taken';
/** What was taken is announced after this time, in ms, or earlier if it is this part of a burst. */
const announceMs = 100;
const announcedPart = 1 / 16;
/** After this time, in ms, an announcement counts as known: it was lost, or this node is cut off. */
const knownMs = 100;
/** Keys in an announcement, and characters of one: clients choose some of them. */
const keysMax = 256;
const keyLengthMax = 128;

type Taken = readonly [limit: string, key: string, count: number];
type Announcement = { readonly from: string; readonly n: number; readonly taken: readonly Taken[] };

/** What is announced together. */
type Batch = {
  readonly counts: Map<string, { readonly limit: string; readonly key: string; count: number }>;
  readonly known: Promise<void>;
  readonly resolve: () => void;
  isDue: boolean;
  timer: NodeJS.Timeout;
};

const idOf = ({ name }: SharedLimit, key: string): string => `${name} ${key}`;

/**
 * Shares limits between nodes: each announces what was taken from it, and the others subtract that. A node receives its
 * own announcements too, after those that were sent before, so that it then knows what the others had let through.
 * Until then it lets through an equal share of the burst: all nodes together at most one burst more than a single one.
 * A lost announcement costs accuracy only. Nothing is announced while there is no other node.
 */
export class NodeSharing {
  readonly #options: NodeSharingOptions;
  readonly #limits = new Map<string, SharedLimit>();
  /** What the others may not know yet, by limit and key. */
  readonly #unknown = new Map<string, number>();
  /** Announcements that have not come back, by number. */
  readonly #sent = new Map<number, Batch>();
  #batch: Batch | undefined;
  #last = 0;
  readonly #unsubscribe: () => void;

  constructor(options: NodeSharingOptions) {
    this.#options = options;
    this.#unsubscribe = options.bus.subscribe(topic, (message) => this.#receive(message));
  }

  readonly share: Sharing = (limit) => {
    this.#limits.set(limit.name, limit);
    const { size } = this.#options;
    return {
      took: (key, count) => {
        if (size() > 1) this.#add(limit, key, count);
      },
      pending: (key) => (size() > 1 ? this.#pending(limit, key) : undefined),
    };
  };

  stop(): void {
    this.#unsubscribe();
    clearTimeout(this.#batch?.timer);
    this.#batch = undefined;
    this.#settle(this.#last);
  }

  #add(limit: SharedLimit, key: string, count: number): void {
    const id = idOf(limit, key);
    this.#unknown.set(id, (this.#unknown.get(id) ?? 0) + count);
    this.#batch ??= this.#begin();
    const batch = this.#batch;
    const taken = batch.counts.get(id) ?? { limit: limit.name, key, count: 0 };
    taken.count += count;
    batch.counts.set(id, taken);
    if (batch.counts.size >= keysMax) this.#send(batch);
    else if (taken.count >= limit.burst * announcedPart) this.#sendSoon(batch);
  }

  #pending(limit: SharedLimit, key: string): Promise<void> | undefined {
    const unknown = this.#unknown.get(idOf(limit, key)) ?? 0;
    if (unknown <= 0 || unknown + 1 <= limit.burst / this.#options.size()) return undefined;
    if (this.#batch) this.#sendSoon(this.#batch);
    const [oldest = this.#batch] = this.#sent.values();
    return oldest?.known;
  }

  #begin(): Batch {
    let resolve = (): void => undefined;
    const known = new Promise<void>((done) => {
      resolve = done;
    });
    const timer = setTimeout(() => this.#send(batch), announceMs).unref();
    const batch: Batch = { counts: new Map(), known, resolve, isDue: false, timer };
    return batch;
  }

  /** Sends a batch once everything that is taken at this moment is in it. */
  #sendSoon(batch: Batch): void {
    if (batch.isDue) return;
    batch.isDue = true;
    queueMicrotask(() => this.#send(batch));
  }

  #send(batch: Batch): void {
    if (this.#batch !== batch) return;
    this.#batch = undefined;
    clearTimeout(batch.timer);
    const n = ++this.#last;
    const counts = [...batch.counts.values()].filter(({ count }) => count !== 0);
    const taken = counts.map(({ limit, key, count }): Taken => [limit, key, count]);
    this.#sent.set(n, batch);
    batch.timer = setTimeout(() => this.#settle(n), knownMs).unref();
    this.#options.bus.publish(topic, { from: this.#options.me, n, taken } satisfies Announcement);
  }

  /** The other nodes know of the announcements up to `n`. */
  #settle(n: number): void {
    for (const [number, batch] of this.#sent) {
      if (number > n) return;
      this.#sent.delete(number);
      clearTimeout(batch.timer);
      for (const [id, { count }] of batch.counts) {
        const left = (this.#unknown.get(id) ?? 0) - count;
        if (Math.abs(left) < 1e-6) this.#unknown.delete(id);
        else this.#unknown.set(id, left);
      }
      batch.resolve();
    }
  }

  #receive(message: unknown): void {
    const { from, n, taken } = (message ?? {}) as { [field in keyof Announcement]?: unknown };
    if (from === this.#options.me) this.#settle(typeof n === 'number' ? n : 0);
    else if (Array.isArray(taken)) {
      for (const each of taken.slice(0, keysMax)) this.#subtract(each);
    }
  }

  /** Ignores what no node of this version announces. */
  #subtract(taken: unknown): void {
    const [name, key, count] = (Array.isArray(taken) ? taken : []) as unknown[];
    const limit = this.#limits.get(name as string);
    if (!limit || typeof key !== 'string' || key.length > keyLengthMax) return;
    if (typeof count !== 'number') return;
    limit.subtract(key, Math.max(-limit.burst, Math.min(limit.burst, count)));
  }
}
