import type {
  TrailBounds,
  TrailItem,
  TrailPage,
  TrailQueries,
} from '../projections/models/trail-queries.ts';
import type { ReadModels } from '../projections/read-models.ts';
import { type EntriesDeps, type Entry, entriesOf, partitionOfCircle } from './entries.ts';
import { type AuditFilter, BadFilter, rangeFor } from './filters.ts';

export type AuditDeps = EntriesDeps & {
  readonly models: EntriesDeps['models'] & Pick<ReadModels, 'users'>;
  readonly trail: Pick<TrailQueries, 'page' | 'placeAt'>;
};

/** Ascending: the oldest entry first; descending: the newest. */
export type AuditOrder = 'asc' | 'desc';

/** Which page: from the `next` of the page before, and at most how many entries and bytes. */
export type AuditRange = {
  readonly order: AuditOrder;
  readonly limit: number;
  readonly bytesMax: number;
  readonly cursor?: string;
};

/** Entries in the requested order. `next`: there may be more, even if few entries or none were found. */
export type AuditPage = { readonly entries: readonly Entry[]; readonly next?: string };

/** An entry with the usernames of the users in it, for readers without the read models. */
export type NamedEntry = Entry & { readonly byName?: string; readonly userName?: string };

/** Entries that are read at once. */
const batchSize = 200;

/** Later than all times. */
const endOfTime = 8.64e15;

/** The part of a range after a cursor. */
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

/** As many entries as fit into a page, at least one. */
const fitting = (entries: readonly Entry[], bytesMax: number): readonly Entry[] => {
  let bytes = 0;
  const end = entries.findIndex((entry) => {
    bytes += Buffer.byteLength(JSON.stringify(entry)) + 1;
    return bytes > bytesMax;
  });
  return end < 0 ? entries : entries.slice(0, Math.max(1, end));
};

/** The cursor of the remaining range. */
const cursorOf = (order: AuditOrder, rest: TrailBounds): string =>
  String(order === 'asc' ? rest.from : rest.until);

const remainingAfter = ({ place }: TrailItem): TrailBounds => ({
  from: place + 1,
  until: place - 1,
});

/** Adds the usernames of the users in entries. */
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

/** The audit trail of circles. Access is checked by the caller. */
export const createAudit = (deps: AuditDeps) => {
  const { trail, log } = deps;
  const rangeIn = (circle: string, filter: AuditFilter) =>
    rangeFor(deps, { circle, partition: partitionOfCircle(circle, log.info) }, filter);

  /**
   * The rows of all matching events of a circle, up to its end at the start of the call, in batches, some of which may
   * be empty.
   */
  async function* rows(
    circle: string,
    filter: AuditFilter,
    order: AuditOrder,
  ): AsyncGenerator<readonly TrailItem[]> {
    const found = await rangeIn(circle, filter);
    if (!found) return;
    const end = await trail.placeAt(circle, endOfTime);
    let bounds: TrailBounds | undefined = { ...found, until: Math.min(found.until ?? end, end) };
    while (bounds) {
      const range = { ...bounds, order, limit: batchSize };
      const { items, next }: TrailPage = await trail.page(circle, filter, range);
      yield items;
      bounds = next;
    }
  }

  return {
    rows,

    /** The entries of rows of one circle, in the same order. */
    entries: (circle: string, items: readonly TrailItem[]): Promise<Entry[]> =>
      entriesOf(deps, circle, items),

    /** A page of a circle's entries. Throws `BadFilter` for a cursor or a position of another circle or log. */
    async page(circle: string, filter: AuditFilter, range: AuditRange): Promise<AuditPage> {
      const all = await rangeIn(circle, filter);
      if (!all) return { entries: [] };
      const { order, limit, bytesMax } = range;
      const bounds = behindCursor(all, range);
      const { items, next } = await trail.page(circle, filter, { ...bounds, order, limit });
      const found = await entriesOf(deps, circle, items);
      const entries = fitting(found, bytesMax);
      const last = items[entries.length - 1];
      const rest = entries.length < found.length && last ? remainingAfter(last) : next;
      return { entries, ...(rest && { next: cursorOf(order, rest) }) };
    },

    /** All matching entries of a circle, oldest first, in batches, some of which may be empty. */
    async *all(circle: string, filter: AuditFilter): AsyncGenerator<Entry[]> {
      for await (const items of rows(circle, filter, 'asc')) {
        yield await entriesOf(deps, circle, items);
      }
    },
  };
};

export type Audit = ReturnType<typeof createAudit>;
