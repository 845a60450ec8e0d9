import { formatStreamPath } from '../../events/stream-path.ts';
import { type NamedEntry, namedEntries } from '../../history/audit.ts';
import type { Entry } from '../../history/entries.ts';
import { circles } from '../../projections/models/circles.ts';
import { streams } from '../../projections/models/streams.ts';
import { collectionOf } from '../../projections/projection.ts';
import type { HistoryToRead } from '../history-to-read.ts';
import type { Colours } from '../terminal/colours.ts';
import { columns } from '../terminal/columns.ts';
import { shown } from '../terminal/shown.ts';
import { cut } from '../terminal/width.ts';

/** The maximum width of a value, in columns. */
const valueMax = 40;

const times: ReadonlySet<string> = new Set(['joinedAt', 'expiresAt']);
/** Fields that are shown without their name. */
const plainFields: ReadonlySet<string> = new Set(['text', 'emoji']);

type NameOf = (user: string) => string;

const valueText = (field: string, value: unknown, nameOf: NameOf): string => {
  if (value === null || value === undefined) return '—';
  if (times.has(field) && typeof value === 'number') return new Date(value).toISOString();
  if (typeof value !== 'string') return cut(shown(JSON.stringify(value)), valueMax);
  if (field === 'author' || field === 'by' || field === 'owner') return nameOf(value);
  return cut(shown(plainFields.has(field) ? `“${value}”` : value), valueMax);
};

/** A change in one short line: the old value, an arrow, the new value. */
export const changeText = ({ before, after }: Entry, nameOf: NameOf): string => {
  const fields = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})]);
  // The affected member has its own column.
  fields.delete('user');
  const parts = [...fields].map((field) => {
    const [was, is] = [before, after].map((side) =>
      side && field in side ? valueText(field, side[field], nameOf) : undefined,
    );
    const change = was === undefined ? is : `${was} →${is === undefined ? '' : ` ${is}`}`;
    return plainFields.has(field) ? change : `${field} ${change}`;
  });
  return parts.join(', ');
};

const namesIn = async (
  { store }: Pick<HistoryToRead, 'store'>,
  collection: string,
  ids: Iterable<string>,
): Promise<Map<string, string>> => {
  const rows = await store.getMany(collection, [...new Set(ids)]);
  return new Map(rows.map(({ _id, name }) => [_id, shown(String(name))]));
};

const peopleIn = ({ before, after }: Entry): string[] =>
  [before?.author, before?.by, after?.owner].filter((id) => typeof id === 'string');

/** Entries as a table, with names instead of ids where they are known. */
export const tableOf = async (
  context: Pick<HistoryToRead, 'store' | 'models'>,
  found: readonly Entry[],
  colours: Colours,
): Promise<string> => {
  if (found.length === 0) return 'no matching entries';
  const entries = await namedEntries(context, found);
  const circleNames = await namesIn(
    context,
    collectionOf(circles),
    entries.map(({ circle }) => circle),
  );
  const streamIds = entries.flatMap(({ circle, stream }) =>
    stream ? formatStreamPath(circle, stream) : [],
  );
  const streamNames = await namesIn(context, collectionOf(streams), streamIds);
  const others = await context.models.users.getMany(entries.flatMap(peopleIn));
  const usernames = new Map(others.map(({ id, username }) => [id, shown(username)]));
  const nameOf: NameOf = (user) => usernames.get(user) ?? user;
  const on = ({ circle, stream, user, userName }: NamedEntry): string =>
    user === undefined
      ? (streamNames.get(formatStreamPath(circle, stream ?? '')) ?? stream ?? '')
      : shown(userName ?? user);
  const hasAddresses = entries.some(({ address, userAgent }) => address ?? userAgent);
  const heads = ['time', 'circle', 'what', 'who', 'on', 'change', 'position'];
  if (hasAddresses) heads.splice(4, 0, 'address', 'user agent');
  const rows = entries.map((entry) => {
    const { at, k, by, byName, circle, position, address = '', userAgent = '' } = entry;
    const row = [
      new Date(at).toISOString(),
      cut(circleNames.get(circle) || circle, valueMax),
      k,
      shown(byName ?? by),
      cut(on(entry), valueMax),
      changeText(entry, nameOf),
      position,
    ];
    if (hasAddresses) row.splice(4, 0, shown(address), cut(shown(userAgent), valueMax));
    return row;
  });
  return columns({ heads: heads.map((text) => ({ text: colours.faint(text) })), rows });
};
