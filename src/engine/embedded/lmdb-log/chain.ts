import type { Aggregate } from '../../../events/aggregate.ts';
import { decode, hashOf } from '../../../events/codec.ts';
import { lastOf } from '../../../events/commit.ts';
import type { Recorded, Tail } from '../../../events/log.ts';
import type { RawCommit } from '../../../events/raw-log.ts';
import { damaged } from '../../../events/store-refused.ts';
import { TailCache } from '../../tail-cache.ts';

/** Decodes a commit of the log; throws `StoreRefused` if it is invalid. */
export const recordedOf = (file: string, stored: RawCommit): Recorded => {
  const { aggregate, seq, bytes } = stored;
  try {
    const commit = decode(bytes);
    return { aggregate, commit, seq, hash: hashOf(bytes), size: bytes.length };
  } catch (cause) {
    const what = cause instanceof Error ? cause.message : String(cause);
    throw damaged(file, `the commit of ${aggregate} at position ${seq}: ${what}`, cause);
  }
};

/** The version and hash of an aggregate after a commit. */
export const tailOf = ({ commit, hash, seq }: Recorded): Tail => ({ n: lastOf(commit), hash, seq });

/**
 * Checks that each commit follows the aggregate's previous commit, by number and by hash. It remembers recent
 * aggregates only, so memory is bounded; of others it accepts the first commit as it is.
 */
export class ChainCheck {
  readonly #file: string;
  readonly #tails: TailCache;

  constructor(file: string, aggregatesMax = 10_000) {
    this.#file = file;
    this.#tails = new TailCache(aggregatesMax);
  }

  /** Starts an aggregate at a known tail. */
  begin(aggregate: Aggregate, tail: Tail): void {
    this.#tails.set(aggregate, tail);
  }

  /** Whether the aggregate's last commit is remembered. */
  knows(aggregate: Aggregate): boolean {
    return this.#tails.get(aggregate) !== undefined;
  }

  /** Accepts the aggregate's next commit as it is. */
  forget(aggregate: Aggregate): void {
    this.#tails.delete(aggregate);
  }

  /** Checks the next commit; throws `StoreRefused`, naming the aggregate and the event, if it does not follow. */
  take(recorded: Recorded): Recorded {
    const { aggregate, commit } = recorded;
    const before = this.#tails.get(aggregate);
    if (before && commit.n !== before.n + 1) {
      throw damaged(
        this.#file,
        `after event ${before.n} of ${aggregate} comes event ${commit.n}, at position ${recorded.seq}`,
      );
    }
    if (before && commit.prev !== before.hash) {
      throw damaged(
        this.#file,
        `event ${commit.n} of ${aggregate} does not have the hash of the commit before it`,
      );
    }
    this.#tails.set(aggregate, tailOf(recorded));
    return recorded;
  }
}
