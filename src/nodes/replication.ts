import type { Bus, NodeInfo } from '../engine/nodes.ts';
import { clearInterval, clearTimeout, setInterval, setTimeout } from '../runtime/timers.ts';
import { type Changes, type Entry, NodeCopy, type StatePart } from './node-copy.ts';

/** How long changes are collected before they are sent, in ms. */
const collectMs = 10;
/** How often a node repeats the number of its last changes, in ms: the others notice that they have missed some. */
const repeatMs = 1000;
/** The time after which a node that does not send its state is asked again, or another one first, in ms. */
const askAgainMs = 2000;
/** The entries of a message, in characters of JSON; NATS accepts messages of 1 MB. */
const messageCharsMax = 250_000;

/** A set of entries of which each node has its own. Values are JSON. */
export type Entries<Value> = {
  /** The keys of this node. */
  readonly keys: () => Iterable<string>;
  /** The value of this node; undefined: none. */
  readonly value: (key: string) => Value | undefined;
  /** Told of the entry of another node; undefined: there is none any more. Perhaps nothing has changed. */
  readonly onChange: (change: EntryChange<Value>) => void;
};

export type EntryChange<Value> = {
  readonly node: string;
  readonly key: string;
  readonly value: Value | undefined;
};

export type ReplicationOptions = {
  readonly bus: Bus;
  readonly me: string;
  /** The other nodes that are alive. */
  readonly others: () => readonly NodeInfo[];
  /** A monotonic clock, in ms. */
  readonly now: () => number;
};

/**
 * Lets the nodes know each other's entries: those of a node that has ended are gone. Changes are sent as they happen; a
 * node that has missed one, or is new, asks for all entries. Sets, topics and fields that this version does not know are
 * ignored.
 */
export class Replication {
  /** How long it takes at most, in ms, until the others know of a change, while nothing is lost. */
  readonly delayMs: number = 250;
  readonly #options: ReplicationOptions;
  readonly #sets = new Map<string, Entries<unknown>>();
  readonly #copies = new Map<string, NodeCopy>();
  #changed = new Map<string, Set<string>>();
  /** Of the last changes that were sent. */
  #number = 0;
  #sending: NodeJS.Timeout | undefined;
  #repeating: NodeJS.Timeout | undefined;
  /** Who was asked last, and when each node was. */
  #asked: string | undefined;
  readonly #askedAt = new Map<string, number>();
  readonly #unsubscribe: (() => void)[] = [];

  constructor(options: ReplicationOptions) {
    this.#options = options;
  }

  start(): void {
    const { me } = this.#options;
    this.#on<Changes>('state', (changes) => {
      this.#copyOf(changes.from)?.change(changes);
      this.#askNext();
    });
    this.#on<StatePart>(`state.${me}`, (part) => {
      this.#copyOf(part.from)?.replace(part);
      this.#askNext();
    });
    this.#on<{ from: string }>(`ask.${me}`, ({ from }) => this.#sendAll(from));
    this.#repeating = setInterval(() => this.#repeat(), repeatMs).unref();
  }

  stop(): void {
    clearInterval(this.#repeating);
    clearTimeout(this.#sending);
    for (const unsubscribe of this.#unsubscribe.splice(0)) unsubscribe();
  }

  /**
   * Adds a set of entries, under the same name on all nodes. Call the returned function when an entry has changed. What
   * changes together arrives in the order in which the sets were added.
   */
  replicate<Value>(name: string, entries: Entries<Value>): (key: string) => void {
    this.#sets.set(name, entries as Entries<unknown>);
    // What has arrived so far was without it.
    for (const copy of this.#copies.values()) copy.isCurrent = false;
    return (key) => this.#mark(name, key);
  }

  /** Sends a message to the other nodes, JSON, which may be lost. */
  send(topic: string, message: object): void {
    if (this.#isAlone) return;
    this.#options.bus.publish(`signal.${topic}`, { from: this.#options.me, message });
  }

  hear<Message>(topic: string, handler: (message: Message) => void): void {
    this.#on<{ from: string; message: Message }>(`signal.${topic}`, ({ from, message }) => {
      if (from !== this.#options.me) handler(message);
    });
  }

  /** Called when other nodes have appeared or ended. */
  nodesChanged(): void {
    for (const [node, copy] of this.#copies) {
      if (this.#isAlive(node)) continue;
      this.#copies.delete(node);
      this.#askedAt.delete(node);
      copy.clear();
    }
    this.#repeat();
  }

  get #isAlone(): boolean {
    return this.#options.others().length === 0;
  }

  #isAlive(node: string): boolean {
    return this.#options.others().some(({ id }) => id === node);
  }

  #on<Message>(topic: string, handler: (message: Message) => void): void {
    const { bus } = this.#options;
    this.#unsubscribe.push(bus.subscribe(topic, (message) => handler(message as Message)));
  }

  #copyOf(node: string): NodeCopy | undefined {
    const known = this.#copies.get(node);
    if (known || !this.#isAlive(node)) return known;
    const copy = new NodeCopy(([name, key, value]) =>
      this.#sets.get(name)?.onChange({ node, key, value: value ?? undefined }),
    );
    this.#copies.set(node, copy);
    return copy;
  }

  /** Asks the nodes one after the other, so that their answers do not all arrive at once. */
  #askNext(): void {
    if (this.#sets.size === 0) return;
    const { bus, me, now } = this.#options;
    const askedAt = (node: string): number => this.#askedAt.get(node) ?? Number.NEGATIVE_INFINITY;
    const last = this.#asked;
    const isWaiting = last !== undefined && this.#copies.get(last)?.isCurrent === false;
    if (isWaiting && now() - askedAt(last) < askAgainMs) return;
    const [next] = [...this.#copies]
      .filter(([, { isCurrent }]) => !isCurrent)
      .map(([node]) => node)
      .sort((one, other) => askedAt(one) - askedAt(other));
    if (next === undefined || now() - askedAt(next) < askAgainMs) return;
    this.#asked = next;
    this.#askedAt.set(next, now());
    bus.publish(`ask.${next}`, { from: me });
  }

  #mark(name: string, key: string): void {
    const keys = this.#changed.get(name);
    if (keys) keys.add(key);
    else this.#changed.set(name, new Set([key]));
    this.#sending ??= setTimeout(() => this.#send(), collectMs).unref();
  }

  #send(): void {
    const { bus, me: from } = this.#options;
    const changed = this.#changed;
    this.#changed = new Map();
    this.#sending = undefined;
    if (this.#isAlone) {
      // A node that is only out of reach finds out that it has missed something.
      this.#number += 1;
      return;
    }
    const inOrder = [...this.#sets.keys()].map((name) => [name, changed.get(name) ?? []] as const);
    for (const entries of inMessages(this.#entriesOf(inOrder))) {
      this.#number += 1;
      bus.publish('state', { from, number: this.#number, entries } satisfies Changes);
    }
  }

  #repeat(): void {
    if (this.#isAlone) return;
    const { bus, me: from } = this.#options;
    bus.publish('state', { from, number: this.#number } satisfies Changes);
  }

  #sendAll(to: string): void {
    const { bus, me: from } = this.#options;
    const all = [...this.#sets].map(([name, { keys }]) => [name, keys()] as const);
    const present = [...this.#entriesOf(all)].filter(([, , value]) => value !== null);
    const messages = [...inMessages(present)];
    // Without entries, one part says so.
    for (const [part, entries] of (messages.length > 0 ? messages : [[]]).entries()) {
      const isLast = part >= messages.length - 1;
      const message = { from, number: this.#number, part, isLast, entries } satisfies StatePart;
      bus.publish(`state.${to}`, message);
    }
  }

  *#entriesOf(keysOfSets: Iterable<readonly [string, Iterable<string>]>): Generator<Entry> {
    for (const [name, keys] of keysOfSets) {
      for (const key of keys) yield [name, key, this.#sets.get(name)?.value(key) ?? null];
    }
  }
}

/** Entries in portions that fit into a message. */
function* inMessages(entries: Iterable<Entry>): Generator<readonly Entry[]> {
  let portion: Entry[] = [];
  let chars = 0;
  for (const entry of entries) {
    const more = JSON.stringify(entry).length;
    if (chars + more > messageCharsMax && portion.length > 0) {
      yield portion;
      portion = [];
      chars = 0;
    }
    portion.push(entry);
    chars += more;
  }
  if (portion.length > 0) yield portion;
}
