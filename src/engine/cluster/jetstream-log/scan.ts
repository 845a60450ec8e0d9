import type { Recorded } from '../../../events/log.ts';
import type { PartitionReader } from './positions.ts';
import { pull } from './pull.ts';
import { recordedOf } from './stored.ts';

/** What to read of a partition: the positions `after < seq <= until`. */
export type ScanQuery = PartitionReader & {
  readonly after: number;
  readonly until: number;
  /** The size of a batch in bytes, approximately. */
  readonly batchBytes: number;
};

/** Smaller windows cost more round trips than they save memory. */
const windowBytesMin = 1024 * 1024;

/** All commits between two positions of a partition, in order. */
export async function* scan(query: ScanQuery): AsyncGenerator<readonly Recorded[]> {
  const { link, names, partition, after, until, batchBytes } = query;
  const windowBytes = Math.max(batchBytes, windowBytesMin);
  let batch: Recorded[] = [];
  let bytes = 0;
  for await (const window of pull(link, { stream: partition.stream, after, until, windowBytes })) {
    for (const stored of window) {
      if (stored.seq > until) break;
      const recorded = recordedOf(names, partition.subjects, stored);
      batch.push(recorded);
      bytes += recorded.size;
      if (bytes < batchBytes) continue;
      yield batch;
      batch = [];
      bytes = 0;
    }
  }
  if (batch.length > 0) yield batch;
}
