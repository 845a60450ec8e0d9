import type {
  Bus,
  NodeInfo,
  PlacedPartition,
  PlacementStore,
  PlacementTable,
  StoredPlacement,
} from '../engine/nodes.ts';
import type { Peers } from './peers.ts';

const topic = 'placement';

export type RecordOptions = {
  readonly me: NodeInfo;
  readonly partitions: number;
  readonly bus: Bus;
  readonly store: PlacementStore;
  readonly peers: Pick<Peers, 'others'>;
  /** A monotonic clock, in ms. */
  readonly now: () => number;
  /** Called whenever a partition may have another owner. */
  readonly onChange: () => void;
};

/** The stored placement, as far as this node knows it: it reads it, changes it, and receives the changes of others. */
export class PlacementRecord {
  /** When the last successful reading began. */
  readAt = Number.NEGATIVE_INFINITY;
  readonly #options: RecordOptions;
  /** The newest known state. */
  #stored: StoredPlacement = { table: undefined, revision: 0 };
  #unsubscribe: () => void = () => undefined;

  constructor(options: RecordOptions) {
    this.#options = options;
  }

  /** Receives the changes of other nodes, and calls `onNews` after each. */
  listen(onNews: () => void): void {
    this.#unsubscribe = this.#options.bus.subscribe(topic, (message) => {
      if (this.#learn(message as StoredPlacement)) onNews();
    });
  }

  stop(): void {
    this.#unsubscribe();
  }

  /** Which node runs which partition; before anything was stored, none runs any. */
  get table(): PlacementTable {
    const { table } = this.#stored;
    const { partitions } = this.#options;
    // That of another log has another number.
    if (table?.partitions.length === partitions) return table;
    const free: PlacedPartition = { owner: null, term: 0 };
    return { partitions: Array.from({ length: partitions }, () => free), nodes: {} };
  }

  /** Reads the stored state; rejects if that fails. */
  async read(): Promise<void> {
    const { store, now } = this.#options;
    const begun = now();
    const stored = await store.read();
    this.readAt = begun;
    if (!this.#learn(stored)) this.#options.onChange();
  }

  /** Changes the stored table and reports it, unless nothing is to be changed. */
  async change(
    changesOf: (table: PlacementTable) => readonly (PlacedPartition | undefined)[],
  ): Promise<void> {
    const { store, bus } = this.#options;
    for (;;) {
      const { revision: before } = this.#stored;
      const changes = changesOf(this.table);
      if (changes.every((change) => change === undefined)) return;
      const partitions = this.table.partitions.map((placed, at) => changes[at] ?? placed);
      const table = { partitions, nodes: this.#nodesOf(partitions) };
      const revision = await store.write(table, before);
      if (revision !== undefined) {
        this.#learn({ table, revision });
        bus.publish(topic, { table, revision } satisfies StoredPlacement);
        return;
      }
      await this.read();
      if (this.#stored.revision === before) throw new Error('it was replaced by an older one');
    }
  }

  /** Who the owners are, as far as they are known. */
  #nodesOf(partitions: readonly PlacedPartition[]): Record<string, NodeInfo> {
    const { me, peers } = this.#options;
    const known = new Map([
      ...Object.entries(this.table.nodes),
      ...[me, ...peers.others].map((node) => [node.id, node] as const),
    ]);
    const owners = new Set(partitions.flatMap(({ owner }) => owner ?? []));
    return Object.fromEntries([...known].filter(([id]) => owners.has(id)));
  }

  /** Keeps a newer state; returns whether it was newer. */
  #learn(stored: StoredPlacement): boolean {
    if (!(stored.revision > this.#stored.revision)) return false;
    this.#stored = stored;
    this.#options.onChange();
    return true;
  }
}
