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

/** An event of a circle or of one of its streams: where it stands in the log, and what it is about. */
export type TrailItem = Omit<TrailRow, '_id' | 'tags' | 'k'> &
  Subjects & {
    readonly k: EventKind;
    readonly circle: string;
    /** Its place in its partition, and what that is made of: the place of its commit, its number in that. */
    readonly place: number;
    readonly seq: number;
    readonly index: number;
  };

/** Which events of a circle: those that fit all that is named. */
export type TrailFilter = {
  readonly by?: string;
  readonly stream?: string;
  readonly kind?: string;
  readonly user?: string;
  /** At this time or later, and before that, in ms since 1970. Tested only: `placeAt` says where to look. */
  readonly since?: number;
  readonly until?: number;
};

/** Which stretch of a circle's trail: places from `from` to `until`, both included. */
export type TrailBounds = { readonly from?: number; readonly until?: number };

type Order = 'asc' | 'desc';

/** `limit`: how many rows at most. */
export type TrailRange = TrailBounds & { readonly order: Order; readonly limit: number };

/** Rows in the order asked for. `next`: in which stretch there may be more. */
export type TrailPage = { readonly items: readonly TrailItem[]; readonly next?: TrailBounds };

/** A page looks at so many rows at most; one that has found fewer than were wanted goes on in `next`. */
export const trailRowsMax = 1_000;

/** So many rows are looked at first where most may not fit. */
const portionMin = 200;

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

const stretchOf = (circle: string, { from, until }: TrailBounds) => ({
  $gte: trailId(circle, from ?? 0),
  $lte: trailId(circle, until ?? Number.MAX_SAFE_INTEGER),
});

/** The tag that is on the fewest rows, as far as can be told. */
const rarestTag = ({ user, kind, by, stream }: TrailFilter): string | undefined => {
  if (user !== undefined) return tagOf.user(user);
  if (kind !== undefined && isTagged(kind)) return tagOf.kind(kind);
  if (by !== undefined) return tagOf.by(by);
  return stream === undefined ? undefined : tagOf.stream(stream);
};

/** Whether an event is one of those that a filter asks for. */
const fits = (item: TrailItem, filter: TrailFilter): boolean => {
  const { kind = item.k, by = item.by, stream = item.stream, user = item.user } = filter;
  const { since = item.at, until = Number.POSITIVE_INFINITY } = filter;
  const isAsked = kind === item.k && by === item.by && stream === item.stream && user === item.user;
  return isAsked && since <= item.at && item.at < until;
};

/** Whether having the tag is all that the filter asks for. */
const isCovered = (filter: TrailFilter, tag: string | undefined): boolean =>
  Object.values(filter).filter((value) => value !== undefined).length === (tag ? 1 : 0);

/** What is left of a stretch behind an item. */
const behind = ({ place }: TrailItem, stretch: TrailBounds, order: Order): TrailBounds =>
  order === 'asc' ? { ...stretch, from: place + 1 } : { ...stretch, until: place - 1 };

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

/** The next events of a circle that fit, in portions that grow while few of them do. */
const pageOf = async (
  find: Find,
  { circle, filter }: Question,
  { limit, order, ...all }: TrailRange,
): Promise<TrailPage> => {
  const tag = rarestTag(filter);
  const tagged = tag === undefined ? {} : { tags: tag };
  const items: TrailItem[] = [];
  let portion = isCovered(filter, tag) ? limit + 1 : Math.max(limit + 1, portionMin);
  let stretch: TrailBounds = all;
  for (let left = trailRowsMax; left > 0; portion *= 2) {
    const count = Math.min(left, portion);
    const rows = await find({ ...tagged, _id: stretchOf(circle, stretch) }, order, count);
    items.push(...rows.filter((row) => fits(row, filter)));
    const end = items[limit - 1];
    if (end && items.length > limit) {
      return { items: items.slice(0, limit), next: behind(end, all, order) };
    }
    const last = rows.at(-1);
    if (!last || rows.length < count) return { items };
    stretch = behind(last, stretch, order);
    left -= count;
  }
  return { items, next: stretch };
};

/** So many rows are looked at where a time is looked for: few looks, of little each. */
const lookMax = 16;

/**
 * A place at or before which the time has passed, and behind which it has not: narrows the stretch between two such
 * until they meet.
 */
const placeAtIn = async (find: Find, circle: string, at: number): Promise<number> => {
  const look = (stretch: TrailBounds, order: Order, limit: number) =>
    find({ _id: stretchOf(circle, stretch) }, order, limit);
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

/** So many rows are looked at first for the last one that is early enough, and at most at once. */
const earlyRowsMin = 50;

/** The place of the last event at or before a time, where events may be earlier by `backMs` than one before them. */
const lastAtIn = async (
  find: Find,
  circle: string,
  { at, backMs }: { readonly at: number; readonly backMs: number },
): Promise<number> => {
  let until = await placeAtIn(find, circle, at + backMs);
  for (let portion = earlyRowsMin; ; portion = Math.min(trailRowsMax, portion * 2)) {
    const rows = await find({ _id: stretchOf(circle, { until }) }, 'desc', portion);
    const last = rows.find((row) => row.at <= at);
    if (last) return last.place;
    const first = rows.at(-1);
    if (!first || rows.length < portion) return 0;
    until = first.place - 1;
  }
};

const kindsInStreams = Object.keys(streamKinds);

/** What can be asked of the trail of a circle. */
export const trailQueries = (store: StoreToRead) => {
  const find = finder(store);
  return {
    /** The next events of a circle that fit. Looks at `trailRowsMax` rows at most. */
    page: (circle: string, filter: TrailFilter, range: TrailRange): Promise<TrailPage> =>
      pageOf(find, { circle, filter }, range),

    /**
     * A place of a circle up to which a time, in ms since 1970, has passed; 0: it has not anywhere. Where clocks were
     * set back there are several: all events behind it are later than the time less what they were set back.
     */
    placeAt: (circle: string, at: number): Promise<number> => placeAtIn(find, circle, at),

    /** The place of the last event of a circle at or before a time; 0 if there is none. `backMs`: see `clockBackMs`. */
    lastAt: (
      circle: string,
      time: { readonly at: number; readonly backMs: number },
    ): Promise<number> => lastAtIn(find, circle, time),

    /** The last event at or before a place that happened in a stream, or else to the circle itself. */
    lastUpTo: async (
      circle: string,
      { stream }: { readonly stream?: string },
      place: number,
    ): Promise<TrailItem | undefined> => {
      const _id = stretchOf(circle, { until: place });
      const own = { tags: tagOf.circle, _id };
      const inStream = (id: string) => ({
        tags: tagOf.stream(id),
        _id,
        k: { $in: kindsInStreams },
      });
      return (await find(stream === undefined ? own : inStream(stream), 'desc', 1))[0];
    },

    /** What was done to these messages up to a place, oldest first; not their posting. */
    ofMessages: async (
      circle: string,
      ids: readonly string[],
      upTo: number,
    ): Promise<TrailItem[]> => {
      if (ids.length === 0) return [];
      const tags = { $in: ids.map(tagOf.message) };
      return find({ tags, _id: stretchOf(circle, { until: upTo }) }, 'asc');
    },
  };
};

export type TrailQueries = ReturnType<typeof trailQueries>;
