import { circleAggregate, partitionOf, streamAggregate } from '../events/aggregate.ts';
import type { CircleId, StreamId } from '../events/ids.ts';
import type { Document } from '../store/documents.ts';
import { answers } from '../store/state/answers.ts';
import { keptCollections } from '../store/state/kept.ts';
import { type Marker, markers } from '../store/state/markers.ts';
import type { ReadStore } from '../store/store.ts';
import type { MergedCommit } from './merged.ts';
import type { StateRow } from './state-file.ts';

const rowsAtOnce = 500;

type MarkerRow = Document & Marker;

/**
 * State on its way from one log to another. A read marker names the position of a membership, which another number of
 * partitions changes, and a message that an earlier point in time does not have.
 */
export class KeptState {
  readonly #rows: readonly StateRow[];
  readonly #partitions: number;
  readonly #isEarlier: boolean;
  /** The new positions of memberships, by `<partition>:<seq>` of the old ones; 0: not seen yet. */
  readonly #joined = new Map<string, number>();
  readonly #lastMessages = new Map<string, number>();

  /** `isEarlier`: whether the log ends before the point in time of the state. */
  constructor(
    rows: readonly StateRow[],
    { partitions, isEarlier }: { readonly partitions: number; readonly isEarlier: boolean },
  ) {
    this.#partitions = partitions;
    this.#isEarlier = isEarlier;
    // First answers name effects that the log may not have.
    this.#rows = rows.filter(({ collection }) => !(isEarlier && collection === answers.name));
    for (const { collection, row } of this.#rows) {
      if (collection === markers.name) this.#joined.set(this.#joinedKey(row as MarkerRow), 0);
    }
  }

  /** Records the new position of a commit. */
  take({ aggregate, partition, seq, m }: MergedCommit, newSeq: number): void {
    const key = `${partition}:${seq}`;
    if (this.#joined.has(key)) this.#joined.set(key, newSeq);
    if (this.#isEarlier && m > 0) this.#lastMessages.set(aggregate, m);
  }

  /** Writes all of it; call it after the last commit. */
  async save(store: ReadStore): Promise<void> {
    await store.prepare(keptCollections);
    for (let at = 0; at < this.#rows.length; at += rowsAtOnce) {
      const rows = this.#rows.slice(at, at + rowsAtOnce);
      await Promise.all(
        rows.map(async ({ collection, row }) => {
          const moved = collection === markers.name ? this.#moved(row as MarkerRow) : row;
          if (moved) await store.put(collection, moved);
        }),
      );
    }
  }

  #joinedKey({ _id, joined = 0 }: MarkerRow): string {
    const [, circle = ''] = _id.split('/');
    return `${partitionOf(circleAggregate(circle as CircleId), this.#partitions)}:${joined}`;
  }

  #moved(row: MarkerRow): Document | undefined {
    const [, circle = '', stream = ''] = row._id.split('/');
    const joined = row.joined === undefined ? undefined : this.#joined.get(this.#joinedKey(row));
    // The membership began later than the log ends.
    if (joined === 0) return undefined;
    const aggregate = streamAggregate(circle as CircleId, stream as StreamId);
    const m = this.#isEarlier ? Math.min(row.m, this.#lastMessages.get(aggregate) ?? 0) : row.m;
    return joined === undefined ? { ...row, m } : { ...row, m, joined };
  }
}
