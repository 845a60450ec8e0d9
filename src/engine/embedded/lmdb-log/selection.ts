import { partitionOf } from '../../../events/aggregate.ts';
import type { PositionRange, Selection } from '../../../events/raw-log.ts';
import { nextIteration } from '../../../runtime/timers.ts';
import type { CommitStore, IndexRange } from './commit-store.ts';

export type SelectQuery = {
  readonly partition: number;
  readonly partitions: number;
  readonly range: PositionRange;
  readonly selection: Selection;
};

/** A look-up is worth it for one position in so many at most: beyond, reading the whole range is less work. */
const positionsPerLookUp = 4;
const entriesAtOnce = 2000;

const pause = (): Promise<void> => nextIteration();

/** All entries of one aggregate. */
const of = (aggregate: string): IndexRange => ({
  start: [aggregate, 0],
  end: [aggregate, Number.MAX_VALUE],
});

/** The prefix up to a dot, and what follows the last name that starts with it: `/` is the next character. */
const beginningWith = (prefix: string): IndexRange => ({
  start: [`${prefix}.`, 0],
  end: [`${prefix}/`, 0],
});

/** The circles that have streams, each found by one look-up after the previous one. */
function* circlesIn(store: CommitStore): Generator<string> {
  const { start, end } = beginningWith('stream');
  for (let from = start; ; ) {
    const [next] = first(store.indexed({ start: from, end }));
    if (!next) return;
    const [, circle = ''] = next.aggregate.split('.');
    yield circle;
    from = beginningWith(`stream.${circle}`).end;
  }
}

const first = <T>(items: Iterable<T>): T[] => {
  for (const item of items) return [item];
  return [];
};

function* rangesOf(store: CommitStore, { circle, stream }: Selection): Generator<IndexRange> {
  if (stream === undefined) {
    yield of(`circle.${circle}`);
    yield beginningWith(`stream.${circle}`);
    return;
  }
  const circles = circle === undefined ? circlesIn(store) : [circle];
  for (const each of circles) yield of(`stream.${each}.${stream}`);
}

/**
 * The positions at which the index has what was selected, in order; undefined if they are so many that reading the
 * range is less work. Yields to other work.
 */
export const positionsOf = async (
  store: CommitStore,
  query: SelectQuery,
): Promise<readonly number[] | undefined> => {
  const { after, upTo } = query.range;
  const positionsMax = (upTo - after) / positionsPerLookUp;
  const positions: number[] = [];
  let looked = 0;
  for (const seq of indexedPlaces(store, query)) {
    if (seq > after && seq <= upTo) positions.push(seq);
    if (positions.length > positionsMax) return undefined;
    if (++looked % entriesAtOnce === 0) await pause();
  }
  return positions.sort((one, other) => one - other);
};

/** The positions of what was selected, in the order of the index; 0 for a look-up that has found nothing. */
function* indexedPlaces(
  store: CommitStore,
  { partition, partitions, selection }: SelectQuery,
): Generator<number> {
  for (const range of rangesOf(store, selection)) {
    yield 0;
    for (const { aggregate, seq } of store.indexed(range)) {
      if (partitionOf(aggregate, partitions) !== partition) break;
      yield seq;
    }
  }
}
