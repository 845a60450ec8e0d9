/** A set of entries of which each node has its own; they are JSON. */
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

/** The nodes that serve other connections, as seen from this one. A node that has ended has no entries any more. */
export type OtherNodes = {
  /** How long it takes at most, in ms, until the others know of a change; 0: there are no others. */
  readonly delayMs: number;
  /**
   * Adds a set of entries. Call the returned function when an entry of this node has changed. What changes together
   * arrives in the order in which the sets were added.
   */
  replicate<Value>(name: string, entries: Entries<Value>): (key: string) => void;
  /** Sends a message to the other nodes, which may be lost. */
  send(topic: string, message: object): void;
  hear<Message>(topic: string, handler: (message: Message) => void): void;
};
