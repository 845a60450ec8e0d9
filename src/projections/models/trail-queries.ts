import { indexOfEvent, seqOfEvent } from '../../events/event-key.ts';
import type { EventKind } from '../../events/kinds/kinds.ts';
import { streamKinds } from '../../events/kinds/stream.ts';
import type { Filter, StoreToRead } from '../../store/store.ts';
import { collectionOf } from '../projection.ts';
import { interpolate, type Sample } from './interpolation.ts';
import {
  isTagged,
  type Subjects,
  subjectsOf,
  type TrailRow,
  tagOf,
  trail,
  trailId,
} from './trail.ts';

/** An event of a circle or of one of its streams: its position in the log, and its subjects. */
export type TrailItem = Omit<TrailRow, '_id' | 'tags' | 'k'> &
  Subjects & {
    readonly k: EventKind;
    readonly circle: string;
    /** Its event key (`eventKey`), and the parts of it. */
    readonly place: number;
    readonly seq: number;
    readonly index: number;
  };

/** Selects the events of a circle that match all given fields. */
export type TrailFilter = {
  readonly by?: string;
  readonly stream?: string;
  readonly kind?: string;
  readonly user?: string;
  /** From this time on, and before that, in ms since 1970. A filter only: `placeAt` tells where to search. */
  readonly since?: number;
  readonly until?: number;
};

/** A range of a circle's trail: event keys from `from` to `until`, both included. */
export type TrailBounds = { readonly from?: number; readonly until?: number };

type Order = 'asc' | 'desc';

/** `limit`: rows at most. */
export type TrailRange = TrailBounds & { readonly order: Order; readonly limit: number };

/** Rows in the requested order. `next`: the range in which there may be more. */
export type TrailPage = { readonly items: readonly TrailItem[]; readonly next?: TrailBounds };

/** Rows that a page reads at most; one that has found fewer than requested continues in `next`. */
export const trailRowsMax = 1_000;

/** Rows that are read first where most may not match. */
const batchMin = 200;

const itemOf = (document: unknown): TrailItem => {
  const { _id, k, n, at, tags } = document as TrailRow;
  const slash = _id.lastIndexOf('/');
  const place = Number(_id.slice(slash + 1));
  return {
    ...subjectsOf(tags),
    n,
    at,
    k: k as EventKind,
    circle: _id.slice(0, slash),
    place,
    seq: seqOfEvent(place),
    index: indexOfEvent(place),
  };
};

const rangeOf = (circle: string, { from, until }: TrailBounds) => ({
  $gte: trailId(circle, from ?? 0),
  $lte: trailId(circle, until ?? Number.MAX_SAFE_INTEGER),
});

/** The tag with presumably the fewest rows. */
const rarestTag = ({ user, kind, by, stream }: TrailFilter): string | undefined => {
  if (user !== undefined) return tagOf.user(user);
  if (kind !== undefined && isTagged(kind)) return tagOf.kind(kind);
  if (by !== undefined) return tagOf.by(by);
  return stream === undefined ? undefined : tagOf.stream(stream);
};

const matches = (item: TrailItem, filter: TrailFilter): boolean => {
  const { kind = item.k, by = item.by, stream = item.stream, user = item.user } = filter;
  const { since = item.at, until = Number.POSITIVE_INFINITY } = filter;
  const isAsked = kind === item.k && by === item.by && stream === item.stream && user === item.user;
  return isAsked && since <= item.at && item.at < until;
};

/** Whether the tag is all that the filter requires. */
const isCovered = (filter: TrailFilter, tag: string | undefined): boolean =>
  Object.values(filter).filter((value) => value !== undefined).length === (tag ? 1 : 0);

const after = ({ place }: TrailItem, range: TrailBounds, order: Order): TrailBounds =>
  order === 'asc' ? { ...range, from: place + 1 } : { ...range, until: place - 1 };

type Find = (filter: Filter, order: Order, limit?: number) => Promise<TrailItem[]>;

const finder = (store: StoreToRead): Find => {
  const collection = collectionOf(trail);
  return async (filter, order, limit) => {
    const sort = { _id: order === 'asc' ? 1 : -1 } as const;
    const options = limit === undefined ? { sort } : { sort, limit };
    return (await store.find(collection, filter, options)).map(itemOf);
  };
};

type Question = { readonly circle: string; readonly filter: TrailFilter };

/** The next matching events of a circle, in batches that grow while few match. */
const pageOf = async (
  find: Find,
  { circle, filter }: Question,
  { limit, order, ...all }: TrailRange,
): Promise<TrailPage> => {
  const tag = rarestTag(filter);
  const tagged = tag === undefined ? {} : { tags: tag };
  const items: TrailItem[] = [];
  let batch = isCovered(filter, tag) ? limit + 1 : Math.max(limit + 1, batchMin);
  let range: TrailBounds = all;
  for (let left = trailRowsMax; left > 0; batch *= 2) {
    const count = Math.min(left, batch);
    const rows = await find({ ...tagged, _id: rangeOf(circle, range) }, order, count);
    items.push(...rows.filter((row) => matches(row, filter)));
    const end = items[limit - 1];
    if (end && items.length > limit) {
      return { items: items.slice(0, limit), next: after(end, all, order) };
    }
    const last = rows.at(-1);
    if (!last || rows.length < count) return { items };
    range = after(last, range, order);
    left -= count;
  }
  return { items, next: range };
};

/** Rows per step of the search for a time: few steps, each of little cost. */
const lookMax = 16;

/**
 * An event key at or before which the time has passed, and after which it has not: narrows the range between two such
 * until they meet.
 */
const placeAtIn = async (find: Find, circle: string, at: number): Promise<number> => {
  const look = (range: TrailBounds, order: Order, limit: number) =>
    find({ _id: rangeOf(circle, range) }, order, limit);
  const [first] = await look({}, 'asc', 1);
  const [last] = await look({}, 'desc', 1);
  if (!(first && last) || first.at > at) return 0;
  if (last.at <= at) return last.place;
  let low: Sample = { at: first.place, value: first.at };
  let high: Sample = { at: last.place, value: last.at };
  for (let turn = 0; high.at - low.at > 1; turn++) {
    const from = interpolate({ low, high }, at, turn);
    const rows = await look({ from, until: high.at - 1 }, 'asc', lookMax);
    const passed = rows.findLast((row) => row.at <= at);
    const end = rows.at(-1);
    if (!passed) high = { at: from, value: rows[0]?.at ?? high.value };
    else if (passed !== end || rows.length < lookMax) return passed.place;
    else low = { at: passed.place, value: passed.at };
  }
  return low.at;
};

/** Rows that are read first for the last one that is early enough. */
const earlyRowsMin = 50;

/** The key of the last event at or before a time, where events may be earlier by `backMs` than one before them. */
const lastAtIn = async (
  find: Find,
  circle: string,
  { at, backMs }: { readonly at: number; readonly backMs: number },
): Promise<number> => {
  let until = await placeAtIn(find, circle, at + backMs);
  for (let batch = earlyRowsMin; ; batch = Math.min(trailRowsMax, batch * 2)) {
    const rows = await find({ _id: rangeOf(circle, { until }) }, 'desc', batch);
    const last = rows.find((row) => row.at <= at);
    if (last) return last.place;
    const first = rows.at(-1);
    if (!first || rows.length < batch) return 0;
    until = first.place - 1;
  }
};

const kindsInStreams = Object.keys(streamKinds);

export const trailQueries = (store: StoreToRead) => {
  const find = finder(store);
  return {
    /** The next matching events of a circle. Reads `trailRowsMax` rows at most. */
    page: (circle: string, filter: TrailFilter, range: TrailRange): Promise<TrailPage> =>
      pageOf(find, { circle, filter }, range),

    /**
     * An event key of a circle up to which a time, in ms since 1970, has passed; 0 if it never has. If clocks were
     * set back there are several: all events after it are later than the time minus what they were set back.
     */
    placeAt: (circle: string, at: number): Promise<number> => placeAtIn(find, circle, at),

    /** The key of the last event of a circle at or before a time; 0 if there is none. `backMs`: see `clockBackMs`. */
    lastAt: (
      circle: string,
      time: { readonly at: number; readonly backMs: number },
    ): Promise<number> => lastAtIn(find, circle, time),

    /** The last event up to a key in a stream, or else of the circle itself. */
    lastUpTo: async (
      circle: string,
      { stream }: { readonly stream?: string },
      place: number,
    ): Promise<TrailItem | undefined> => {
      const _id = rangeOf(circle, { until: place });
      const own = { tags: tagOf.circle, _id };
      const inStream = (id: string) => ({
        tags: tagOf.stream(id),
        _id,
        k: { $in: kindsInStreams },
      });
      return (await find(stream === undefined ? own : inStream(stream), 'desc', 1))[0];
    },

    /** The changes of these messages up to a key, oldest first; not their posting. */
    ofMessages: async (
      circle: string,
      ids: readonly string[],
      upTo: number,
    ): Promise<TrailItem[]> => {
      if (ids.length === 0) return [];
      const tags = { $in: ids.map(tagOf.message) };
      return find({ tags, _id: rangeOf(circle, { until: upTo }) }, 'asc');
    },
  };
};

export type TrailQueries = ReturnType<typeof trailQueries>;
