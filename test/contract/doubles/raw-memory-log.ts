import { isSelected, type RawCommit, type RawLog } from '../../../src/events/raw-log.ts';

const batchCommits = 3;

/** A log as it is kept, in memory: the commits of each partition, their places in order and not without gaps. */
export const rawMemoryLog = (partitions: readonly (readonly RawCommit[])[]): RawLog => {
  const of = (partition: number): readonly RawCommit[] => partitions[partition] ?? [];
  async function* batches(commits: readonly RawCommit[]): AsyncGenerator<readonly RawCommit[]> {
    for (let at = 0; at < commits.length; at += batchCommits) {
      yield commits.slice(at, at + batchCommits);
    }
  }
  const within = (partition: number, { after, upTo }: { after: number; upTo: number }) =>
    of(partition).filter(({ seq }) => seq > after && seq <= upTo);
  return {
    info: { incarnation: 'memory', partitions: partitions.length },
    isDense: false,
    head: async (partition) => of(partition).at(-1)?.seq ?? 0,
    scan: (partition, stretch) => batches(within(partition, stretch)),
    select: (partition, stretch, selection) =>
      batches(
        within(partition, stretch).filter(({ aggregate }) => isSelected(aggregate, selection)),
      ),
    firstFrom: async (partition, place) => of(partition).find(({ seq }) => seq >= place),
    finds: () => true,
    async *orphans() {},
    close: async () => {},
  };
};
