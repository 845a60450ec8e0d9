import type { Aggregate } from '../../../events/aggregate.ts';
import { emptyTail } from '../../../events/log.ts';
import { damaged } from '../../../events/store-refused.ts';
import { ChainCheck, recordedOf } from './chain.ts';
import type { CommitStore } from './commit-store.ts';

const newestMax = 200;

/**
 * Checks the newest commits of a partition, where a crash or a bad disk shows first: each can be read, follows the
 * one before it, and is found by the index, which ends where they end. Throws `StoreRefused`.
 */
export const checkNewest = (file: string, store: CommitStore, partition: number): void => {
  const chain = new ChainCheck(file);
  const ends = new Map<Aggregate, number>();
  for (const stored of store.newest(partition, newestMax)) {
    const recorded = recordedOf(file, stored);
    const { aggregate, commit, seq } = recorded;
    if (commit.n === 1) chain.begin(aggregate, emptyTail);
    chain.take(recorded);
    ends.set(aggregate, seq);
    if (store.entryOf(aggregate, commit.n)?.seq !== seq) {
      throw damaged(file, `its index does not lead to event ${commit.n} of ${aggregate}`);
    }
  }
  for (const [aggregate, seq] of ends) {
    if (store.entryOf(aggregate, Number.MAX_SAFE_INTEGER)?.seq !== seq) {
      throw damaged(file, `its index leads past the last commit of ${aggregate}`);
    }
  }
};
