import type { Aggregate } from '../../../events/aggregate.ts';
import { decode } from '../../../events/codec.ts';
import { lastOf } from '../../../events/commit.ts';
import { emptyTail, type Recorded, type Tail } from '../../../events/log.ts';
import { LogDamaged } from '../../../events/raw-log.ts';
import { directWindow, isDirectAble } from './direct.ts';
import { at, type Names, type PartitionNames } from './family.ts';
import type { Link } from './link.ts';
import { pull } from './pull.ts';
import { recordedOf, type Stored, storedMessage } from './stored.ts';

export type HistoryOptions = {
  readonly link: Link;
  readonly names: Names;
  /** Commits expire, so a history need not start with the first. */
  readonly forgets: boolean;
};

type Range = { readonly after: number; readonly from?: number | undefined };

const windowBytes = 4 * 1024 * 1024;

/** The last commit of an aggregate, from the leader of its stream. */
export const lastRecorded = async (
  options: HistoryOptions,
  aggregate: Aggregate,
): Promise<Recorded | undefined> => {
  const partition = partitionNamesOf(options, aggregate);
  const wanted = { last_by_subj: options.names.subjectOf(aggregate) };
  const stored = await storedMessage(options.link, partition, wanted);
  return stored && recordedOf(options.names, partition.subjects, stored);
};

/** The tail of an aggregate whose last commit this is. */
export const tailOf = (recorded: Recorded | undefined): Tail =>
  recorded ? { n: lastOf(recorded.commit), hash: recorded.hash, seq: recorded.seq } : emptyTail;

/**
 * The commits of an aggregate from the one that holds event `after + 1`, to the end as of the call. Throws if one
 * does not follow the previous one by number and by hash, or if one is missing.
 */
export async function* history(
  options: HistoryOptions,
  aggregate: Aggregate,
  range: Range,
): AsyncGenerator<Recorded> {
  const last = await lastRecorded(options, aggregate);
  if (!last || lastOf(last.commit) <= range.after) return;
  if (last.commit.n <= range.after + 1) {
    yield last;
    return;
  }
  const partition = partitionNamesOf(options, aggregate);
  let before: Recorded | undefined;
  // Sequence numbers start at 1; a caller that knows of no commit passes 0.
  const from = range.from || (await placeBefore(options, last, range.after));
  const found = { after: range.after, from: from > 1 ? from : undefined };
  for await (const stored of messages(options, { aggregate, last, from })) {
    const recorded = recordedOf(options.names, partition.subjects, stored);
    if (!follows(recorded, before, options.forgets ? undefined : found)) {
      throw brokenChain(recorded, before);
    }
    before = recorded;
    if (lastOf(recorded.commit) > range.after) yield recorded;
  }
  if (before?.hash !== last.hash) throw brokenChain(last, before);
}

/** A range that is not worth a further step of the search: one window of messages covers it. */
const nearMax = 500;

/**
 * A position at or before the commit that holds event `after + 1`, by binary search: the numbers of an aggregate's
 * events grow with their positions. 1 if all are requested.
 */
const placeBefore = async (
  options: HistoryOptions,
  last: Recorded,
  after: number,
): Promise<number> => {
  if (after === 0 || options.forgets) return 1;
  const partition = partitionNamesOf(options, last.aggregate);
  const subject = options.names.subjectOf(last.aggregate);
  let [low, high] = [1, last.seq];
  while (high - low > nearMax) {
    const middle = Math.floor((low + high) / 2);
    const wanted = { next_by_subj: subject, seq: middle };
    const stored = await storedMessage(options.link, partition, wanted);
    const isBefore = stored && decode(stored.data).n <= after + 1;
    if (isBefore) low = stored.seq;
    else high = middle;
  }
  return low;
};

const partitionNamesOf = ({ names }: HistoryOptions, aggregate: Aggregate): PartitionNames =>
  at(names.partitions, names.partitionOf(aggregate));

/** Whether a commit may follow. The first one that is read must not be too late. */
const follows = (
  { commit }: Recorded,
  before: Recorded | undefined,
  range: Range | undefined,
): boolean => {
  if (before) return commit.n === lastOf(before.commit) + 1 && commit.prev === before.hash;
  if (commit.n === 1) return commit.prev === '';
  return range === undefined || (range.from !== undefined && commit.n <= range.after + 1);
};

const brokenChain = (
  { aggregate, commit, seq }: Recorded,
  before: Recorded | undefined,
): LogDamaged => {
  const behind = before ? `event ${lastOf(before.commit)}` : 'nothing';
  return new LogDamaged(
    `${aggregate}: the chain of its commits is broken: event ${commit.n} (position ${seq}) follows ${behind}; restore the log from a backup.`,
  );
};

type Stretch = { readonly aggregate: Aggregate; readonly last: Recorded; readonly from: number };

/** The messages from a position to the last one: without a consumer where possible. */
async function* messages(
  options: HistoryOptions,
  { aggregate, last, from }: Stretch,
): AsyncGenerator<Stored> {
  const { link, names } = options;
  const { stream } = partitionNamesOf(options, aggregate);
  const subject = names.subjectOf(aggregate);
  let at = from - 1;
  while (at < last.seq && isDirectAble(link)) {
    const window = await directWindow(link, { stream, subject, from: at + 1 });
    if (window.length === 0) break;
    yield* window.filter(({ seq }) => seq <= last.seq);
    at = window.at(-1)?.seq ?? last.seq;
  }
  const query = { stream, subjects: [subject], after: at, until: last.seq, windowBytes };
  for await (const window of pull(link, query)) {
    yield* window.filter(({ seq }) => seq <= last.seq);
  }
}
