/** A process that serves clients, perhaps one of several on the same servers. */
export type NodeInfo = {
  /** Unique to this process. */
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  /** When it started, in ms since 1970; for display only. */
  readonly since: number;
  /** The scope of its process id; absent if unknown. */
  readonly machine?: string;
};

/** Why a request to a node has no answer. `absent`: nobody listens, nothing was sent. `unknown`: it may have been handled. */
export type RequestFailureReason = 'absent' | 'unknown';

export class RequestFailure extends Error {
  override readonly name = 'RequestFailure';
  readonly reason: RequestFailureReason;

  constructor(
    message: string,
    { reason, ...options }: ErrorOptions & { readonly reason: RequestFailureReason },
  ) {
    super(message, options);
    this.reason = reason;
  }
}

/** A part of a node that answers requests; its name is a token of a subject. */
export type NodeService = { readonly node: string; readonly service: string };

/**
 * Messages between the nodes of a cluster, JSON each. They arrive at most once, and those of one node in the order in
 * which it sent them. Nothing is stored.
 */
export interface Bus {
  /** Sends to every node that subscribes to the topic, this one included. */
  publish(topic: string, message: unknown): void;
  /** Returns a function that ends the subscription. */
  subscribe(topic: string, handler: (message: unknown) => void): () => void;
  /** Resolves with the answer of a service; rejects with a `RequestFailure`. */
  request(to: NodeService, message: unknown, timeoutMs: number): Promise<unknown>;
  /** Answers the requests to a service, in the order in which they arrive; returns a function that ends this. */
  respond(at: NodeService, handler: (message: unknown) => Promise<unknown>): () => void;
}

/** The node that runs a partition's actors. `term` grows whenever that changes, and stands in every commit. */
export type PlacedPartition = { readonly owner: string | null; readonly term: number };

/** Which node runs which partition, and who these nodes are. */
export type PlacementTable = {
  readonly partitions: readonly PlacedPartition[];
  readonly nodes: Readonly<Record<string, NodeInfo>>;
};

export type StoredPlacement = {
  readonly table: PlacementTable | undefined;
  /** Grows with every change; 0: nothing was stored yet. */
  readonly revision: number;
};

/** Where the placement is kept. Only changed from the state that was read, so one of several concurrent changes succeeds. */
export interface PlacementStore {
  /** The newest stored state. */
  read(): Promise<StoredPlacement>;
  /** Resolves with the new revision; undefined: it has changed since `revision`, and nothing was written. */
  write(table: PlacementTable, revision: number): Promise<number | undefined>;
}

/** What nodes on the same servers need to share the work. */
export type Nodes = {
  readonly bus: Bus;
  readonly placement: PlacementStore;
};
