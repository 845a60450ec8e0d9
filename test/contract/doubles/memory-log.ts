import { type Aggregate, partitionOf } from '../../../src/events/aggregate.ts';
import { encode, hashOf, isKnown } from '../../../src/events/codec.ts';
import { type Commit, lastOf } from '../../../src/events/commit.ts';
import type { Tail } from '../../../src/events/log.ts';
import { AppendFailure, type EventLog, emptyTail, type Recorded } from '../../../src/events/log.ts';

export type MemoryLog = EventLog & {
  /** Appends events to an aggregate behind whatever stands there. */
  record(aggregate: Aggregate, events: Commit['events']): Recorded;
};

type Handler = (recorded: Recorded) => void;

type Partition = { readonly records: Recorded[]; readonly handlers: Set<Handler> };

/**
 * An event log for unit tests: keeps its promises, but only in memory. `step` is how far places grow from one
 * commit to the next; events of unknown kinds may be recorded, as a newer version would.
 */
export const memoryLog = (
  options: { readonly partitions?: number; readonly step?: () => number } = {},
): MemoryLog => {
  const { partitions = 1, step = () => 1 } = options;
  const shelves = Array.from(
    { length: partitions },
    (): Partition => ({ records: [], handlers: new Set() }),
  );
  const tails = new Map<Aggregate, Tail>();
  const shelf = (partition: number): Partition => {
    const found = shelves[partition];
    if (!found) throw new RangeError(`no partition ${partition}`);
    return found;
  };
  const tailOf = (aggregate: Aggregate): Tail => tails.get(aggregate) ?? emptyTail;
  const headOf = (partition: number): number => shelf(partition).records.at(-1)?.seq ?? 0;

  const write = (aggregate: Aggregate, commit: Commit): Recorded => {
    const partition = partitionOf(aggregate, partitions);
    const bytes = commit.events.every(isKnown)
      ? encode(commit)
      : Buffer.from(JSON.stringify(commit));
    const seq = headOf(partition) + step();
    const recorded = { aggregate, commit, seq, hash: hashOf(bytes), size: bytes.length };
    shelf(partition).records.push(recorded);
    tails.set(aggregate, { n: lastOf(commit), hash: recorded.hash, seq });
    for (const handler of shelf(partition).handlers) handler(recorded);
    return recorded;
  };

  return {
    info: { incarnation: 'memory', partitions },

    record(aggregate, events) {
      const { n, hash } = tailOf(aggregate);
      const id = `${aggregate}#${n + 1}`;
      return write(aggregate, { id, n: n + 1, prev: hash, term: 1, events });
    },

    async append(aggregate, commit, after) {
      const { n, hash } = tailOf(aggregate);
      if (after.n !== n || commit.n !== n + 1 || commit.prev !== hash) {
        throw new AppendFailure('conflict', `${aggregate} is at ${n}`);
      }
      write(aggregate, commit);
      return tailOf(aggregate);
    },

    async tail(aggregate) {
      return tailOf(aggregate);
    },

    async *read(aggregate, { after = 0 } = {}) {
      const records = shelf(partitionOf(aggregate, partitions)).records;
      for (const recorded of [...records]) {
        if (recorded.aggregate === aggregate && lastOf(recorded.commit) > after) yield recorded;
      }
    },

    at: async (partition, seqs) =>
      seqs.flatMap((wanted) => shelf(partition).records.find(({ seq }) => seq === wanted) ?? []),

    async *scan(partition, { after = 0, batchBytes = 4 * 1024 * 1024 } = {}) {
      let batch: Recorded[] = [];
      let bytes = 0;
      for (const recorded of shelf(partition).records.filter(({ seq }) => seq > after)) {
        batch.push(recorded);
        bytes += recorded.size;
        if (bytes < batchBytes) continue;
        yield batch;
        batch = [];
        bytes = 0;
      }
      if (batch.length > 0) yield batch;
    },

    async live(partition, handler, { skips = () => false } = {}) {
      const { handlers } = shelf(partition);
      const own: Handler = (it) => void (skips(it.aggregate, it.seq) || handler(it));
      handlers.add(own);
      return { after: headOf(partition), stop: () => handlers.delete(own) };
    },

    head: async (partition) => headOf(partition),

    async close() {},
  };
};
