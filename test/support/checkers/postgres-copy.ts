import type pg from 'pg';
import { expect } from 'vitest';
import type { LogLine } from './replayed-log.ts';

type Fields = Readonly<Record<string, unknown>>;
type Rows = Record<string, Fields>;
/** Each by its key: `<circle>`, `<circle>/<member>`, `<circle>/<stream>/<message>`. */
export type Copy = { readonly circles: Rows; readonly members: Rows; readonly messages: Rows };

const forget = (rows: Rows, begin: string): void => {
  for (const key of Object.keys(rows)) if (key.startsWith(begin)) delete rows[key];
};

type Meaning = (copy: Copy, line: LogLine, ids: { circle: string; message: string }) => void;

const leave: Meaning = ({ members }, { d }, { circle }) => {
  delete members[`${circle}/${d.user}`];
};

const meanings: Readonly<Record<string, Meaning>> = {
  'circle-created': ({ circles }, { at, d: { kind, name, visibility, about = null } }, ids) => {
    circles[ids.circle] = { kind, name, visibility, about, at };
  },
  'circle-updated': ({ circles }, { d }, { circle }) => {
    circles[circle] = { ...circles[circle], ...d };
  },
  'circle-deleted': (copy, _line, { circle }) => {
    for (const rows of Object.values(copy)) forget(rows, circle);
  },
  'member-joined': ({ members }, { at, d }, { circle }) => {
    members[`${circle}/${d.user}`] = { at };
  },
  'member-left': leave,
  'member-removed': leave,
  'stream-deleted': ({ messages }, { d }, { circle }) => forget(messages, `${circle}/${d.id}/`),
  'message-posted': ({ messages }, { at, by, d: { m, text } }, { message }) => {
    messages[message] = { m, by, at, text, editedAt: null, deletedAt: null };
  },
  'message-edited': ({ messages }, { at, d: { text } }, { message }) => {
    messages[message] = { ...messages[message], text, editedAt: at };
  },
  'message-deleted': ({ messages }, { at }, { message }) => {
    messages[message] = { ...messages[message], text: null, deletedAt: at };
  },
};

/** What the copy should hold, by a plain fold of the log. */
export const copyOf = (lines: readonly LogLine[]): Copy => {
  const copy: Copy = { circles: {}, members: {}, messages: {} };
  for (const line of lines) {
    const [, circle = '', stream = ''] = line.of.split('.');
    meanings[line.k]?.(copy, line, { circle, message: `${circle}/${stream}/${line.d.id}` });
  }
  return copy;
};

const ms = (column: string): string => `(extract(epoch FROM ${column}) * 1000)::bigint`;

const tables = {
  circles: `id AS key, json_build_object('kind', kind, 'name', name, 'visibility', visibility, 'about', about,
    'at', ${ms('created_at')}) AS fields FROM oshi_circles`,
  members: `circle || '/' || member AS key, json_build_object('at', ${ms('joined_at')}) AS fields
    FROM oshi_members`,
  messages: `circle || '/' || stream || '/' || id AS key, json_build_object('m', number, 'by', author,
    'at', ${ms('posted_at')}, 'text', text, 'editedAt', ${ms('edited_at')},
    'deletedAt', ${ms('deleted_at')}) AS fields FROM oshi_messages`,
};

/** What the tables hold. Fails if a key is there twice. */
export const copyIn = async (db: pg.Client): Promise<Copy> => {
  const rowsOf = async (name: keyof Copy): Promise<Rows> => {
    const { rows } = await db.query<{ key: string; fields: Fields }>(`SELECT ${tables[name]}`);
    const found = Object.fromEntries(rows.map(({ key, fields }) => [key, fields]));
    expect(Object.keys(found), name).toHaveLength(rows.length);
    return found;
  };
  return {
    circles: await rowsOf('circles'),
    members: await rowsOf('members'),
    messages: await rowsOf('messages'),
  };
};
