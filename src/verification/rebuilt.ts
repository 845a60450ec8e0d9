import type { EventLog } from '../events/log.ts';
import { pointedReader } from '../projections/pointers.ts';
import { collectionOf, type Projection } from '../projections/projection.ts';
import { readerOf } from '../store/document-reader.ts';
import type { ReadStore } from '../store/store.ts';
import { differingIn } from './differing.ts';
import { differencesIn } from './documents.ts';
import type { Findings } from './findings.ts';
import { positionsOf } from './shadow.ts';

/** A read model as it is stored, and as it was rebuilt beside it: the physical names of the two collections. */
export type Rebuilt = {
  readonly log: EventLog;
  readonly store: ReadStore;
  readonly projection: Projection;
  readonly live: string;
  /** It is not written meanwhile; it may be ahead of the other, or behind. */
  readonly fresh: string;
  readonly findings: Findings;
  /** Called with the number of compared documents, and their approximate total; what it throws ends the comparison. */
  readonly onProgress: (done: number, total: number) => void;
};

/** The number of documents, and how many of them differ, as of the same position of the log. */
export type Compared = { readonly documents: number; readonly differing: number };

/** Compares all documents of a read model with those of the rebuilt one; each difference becomes a finding. */
export const compareRebuilt = async (rebuilt: Rebuilt): Promise<Compared> => {
  const { log, store, projection, findings, onProgress } = rebuilt;
  const collection = collectionOf(projection);
  const read = readerOf(store);
  const live = pointedReader(read, { of: () => rebuilt.live });
  const fresh = pointedReader(read, { of: () => rebuilt.fresh });
  const base = await positionsOf(fresh, [collection], log.info.partitions);
  const total = await store.count(rebuilt.live, {}, Number.MAX_SAFE_INTEGER);
  let documents = 0;
  let differing = 0;
  const options = { log, live, projections: [projection], base };
  const differences = differingIn(options, { live, rebuilt: fresh, collection }, (count) => {
    documents = count;
    onProgress(count, total);
  });
  for await (const pairs of differences) {
    for (const pair of pairs) {
      differing++;
      for (const finding of differencesIn(pair)) findings.add(finding);
    }
  }
  return { documents, differing };
};
