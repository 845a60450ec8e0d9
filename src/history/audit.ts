import type {
  TrailBounds,
  TrailItem,
  TrailPage,
  TrailQueries,
} from '../projections/models/trail-queries.ts';
import type { ReadModels } from '../projections/read-models.ts';
import { type EntriesDeps, type Entry, entriesOf, partitionOfCircle } from './entries.ts';
import { type AuditFilter, BadFilter, stretchFor } from './filters.ts';

export type AuditDeps = EntriesDeps & {
  readonly models: EntriesDeps['models'] & Pick<ReadModels, 'users'>;
  readonly trail: Pick<TrailQueries, 'page' | 'placeAt'>;
};

/** An order of entries: the oldest or the newest first. */
export type AuditOrder = 'asc' | 'desc';

/** Which page: behind what a page before it gave as `next`, and how many entries and bytes at most. */
export type AuditRange = {
  readonly order: AuditOrder;
  readonly limit: number;
  readonly bytesMax: number;
  readonly cursor?: string;
};

/** Entries in the order asked for. `next`: there may be more, even where few entries were found, or none. */
export type AuditPage = { readonly entries: readonly Entry[]; readonly next?: string };

/** An entry with the usernames of the people in it, for whoever reads it elsewhere. */
export type NamedEntry = Entry & { readonly byName?: string; readonly userName?: string };

/** So many entries are read at once where all are wanted. */
const portion = 200;

/** Greater than all times. */
const endOfTime = 8.64e15;

/** A stretch as far as it lies behind a cursor. */
const behindCursor = (
  { from = 0, until = Number.MAX_SAFE_INTEGER }: TrailBounds,
  { cursor, order }: AuditRange,
): TrailBounds => {
  if (cursor === undefined) return { from, until };
  if (!/^\d{1,16}$/.test(cursor)) throw new BadFilter('cursor', 'cursor must be a `next`');
  const place = Number(cursor);
  return order === 'asc'
    ? { from: Math.max(from, place), until }
    : { from, until: Math.min(until, place) };
};

/** As many of the entries as may stand in a page, at least one. */
const fitting = (entries: readonly Entry[], bytesMax: number): readonly Entry[] => {
  let bytes = 0;
  const end = entries.findIndex((entry) => {
    bytes += Buffer.byteLength(JSON.stringify(entry)) + 1;
    return bytes > bytesMax;
  });
  return end < 0 ? entries : entries.slice(0, Math.max(1, end));
};

/** The cursor behind an event, or before a stretch that is left. */
const cursorOf = (order: AuditOrder, left: TrailBounds): string =>
  String(order === 'asc' ? left.from : left.until);

const leftBehind = ({ place }: TrailItem): TrailBounds => ({ from: place + 1, until: place - 1 });

/** Entries with the usernames of the people in them. */
export const namedEntries = async (
  { models }: Pick<AuditDeps, 'models'>,
  entries: readonly Entry[],
): Promise<NamedEntry[]> => {
  const ids = entries.flatMap(({ by, user }) => (user === undefined ? [by] : [by, user]));
  const people = await models.users.getMany(ids);
  const names = new Map(people.map(({ id, username }) => [id, username]));
  return entries.map((entry) => {
    const byName = names.get(entry.by);
    const userName = entry.user === undefined ? undefined : names.get(entry.user);
    return {
      ...entry,
      ...(byName !== undefined && { byName }),
      ...(userName !== undefined && { userName }),
    };
  });
};

/** What can be asked about who did what in a circle. Rights are the caller's. */
export const createAudit = (deps: AuditDeps) => {
  const { trail, log } = deps;
  const stretchIn = (circle: string, filter: AuditFilter) =>
    stretchFor(deps, { circle, partition: partitionOfCircle(circle, log.info) }, filter);

  /**
   * The rows of all events of a circle that fit, up to what is there at the beginning, in portions, some of which
   * may be empty.
   */
  async function* rows(
    circle: string,
    filter: AuditFilter,
    order: AuditOrder,
  ): AsyncGenerator<readonly TrailItem[]> {
    const found = await stretchIn(circle, filter);
    if (!found) return;
    const end = await trail.placeAt(circle, endOfTime);
    let stretch: TrailBounds | undefined = { ...found, until: Math.min(found.until ?? end, end) };
    while (stretch) {
      const range = { ...stretch, order, limit: portion };
      const { items, next }: TrailPage = await trail.page(circle, filter, range);
      yield items;
      stretch = next;
    }
  }

  return {
    rows,

    /** What rows of one circle say, in the same order. */
    entries: (circle: string, items: readonly TrailItem[]): Promise<Entry[]> =>
      entriesOf(deps, circle, items),

    /** A page of a circle's entries. Throws `BadFilter` for a cursor or a position that is none of its own. */
    async page(circle: string, filter: AuditFilter, range: AuditRange): Promise<AuditPage> {
      const all = await stretchIn(circle, filter);
      if (!all) return { entries: [] };
      const { order, limit, bytesMax } = range;
      const stretch = behindCursor(all, range);
      const { items, next } = await trail.page(circle, filter, { ...stretch, order, limit });
      const found = await entriesOf(deps, circle, items);
      const entries = fitting(found, bytesMax);
      const last = items[entries.length - 1];
      const left = entries.length < found.length && last ? leftBehind(last) : next;
      return { entries, ...(left && { next: cursorOf(order, left) }) };
    },

    /** All entries of a circle that fit, the oldest first, in portions, some of which may be empty. */
    async *all(circle: string, filter: AuditFilter): AsyncGenerator<Entry[]> {
      for await (const items of rows(circle, filter, 'asc')) {
        yield await entriesOf(deps, circle, items);
      }
    },
  };
};

export type Audit = ReturnType<typeof createAudit>;
