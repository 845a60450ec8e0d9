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

/** A value takes at most so many columns. */
const valueMax = 40;

/** Which fields of a change are times. */
const times: ReadonlySet<string> = new Set(['joinedAt', 'expiresAt']);
/** Fields that say what they are without their name. */
const plainFields: ReadonlySet<string> = new Set(['text', 'emoji']);

type NameOf = (user: string) => string;

const valueText = (field: string, value: unknown, nameOf: NameOf): string => {
  if (value === null || value === undefined) return '—';
  if (times.has(field) && typeof value === 'number') return new Date(value).toISOString();
  if (typeof value !== 'string') return cut(shown(JSON.stringify(value)), valueMax);
  if (field === 'author' || field === 'by' || field === 'owner') return nameOf(value);
  return cut(shown(plainFields.has(field) ? `“${value}”` : value), valueMax);
};

/** What was changed, in one short line: what it was, an arrow, what it became. */
export const changeText = ({ before, after }: Entry, nameOf: NameOf): string => {
  const fields = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})]);
  // Whom it befell has a column of its own.
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

/** Entries as a table for people, in which everybody and everything has a name where it has one. */
export const tableOf = async (
  looking: Pick<HistoryToRead, 'store' | 'models'>,
  found: readonly Entry[],
  colours: Colours,
): Promise<string> => {
  if (found.length === 0) return 'nothing that fits has happened';
  const entries = await namedEntries(looking, found);
  const circleNames = await namesIn(
    looking,
    collectionOf(circles),
    entries.map(({ circle }) => circle),
  );
  const streamIds = entries.flatMap(({ circle, stream }) =>
    stream ? formatStreamPath(circle, stream) : [],
  );
  const streamNames = await namesIn(looking, collectionOf(streams), streamIds);
  const others = await looking.models.users.getMany(entries.flatMap(peopleIn));
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
