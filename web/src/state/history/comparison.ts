import type { AuditEntry } from '../../../../src/client/objects.ts';
import { exactLabel } from '../labels.ts';

/** A field changed by an event, before and after; undefined: absent. */
export type Compared = {
  readonly field: string;
  readonly label: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
};

const labels: Readonly<Record<string, string>> = {
  name: 'Name',
  about: 'About',
  visibility: 'Visibility',
  kind: 'Kind',
  owner: 'Owner',
  user: 'Member',
  by: 'By',
  joinedAt: 'Joined',
  createdAt: 'Created',
  expiresAt: 'Expires',
  nickname: 'Nickname',
  avatar: 'Picture',
  dataChanged: 'Member data changed',
  topic: 'Topic',
  archived: 'Archived',
  author: 'Author',
  text: 'Text',
  replyTo: 'Reply to',
  emoji: 'Reaction',
  pinned: 'Pinned',
  invite: 'Invite',
  code: 'Invite',
  maxUses: 'Maximum uses',
  uses: 'Uses',
  revoked: 'Revoked',
  members: 'Members',
};

const people = new Set(['user', 'by', 'owner', 'author']);
const times = new Set(['joinedAt', 'createdAt', 'expiresAt']);

/** The fields of an event before and after, as text. */
export const comparisonOf = (
  { before = {}, after = {} }: Pick<AuditEntry, 'before' | 'after'>,
  nameOf: (user: string) => string,
): Compared[] => {
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return fields.map((field) => ({
    field,
    label: labels[field] ?? field,
    before: wordsOf(before[field], { field, nameOf }),
    after: wordsOf(after[field], { field, nameOf }),
  }));
};

type Reading = { readonly field: string; readonly nameOf: (user: string) => string };

const wordsOf = (value: unknown, reading: Reading): string | undefined => {
  const { field, nameOf } = reading;
  if (value === undefined || value === null || value === '') return undefined;
  if (Array.isArray(value))
    return value.map((each) => wordsOf(each, reading) ?? '').join(', ') || undefined;
  switch (typeof value) {
    case 'string':
      return people.has(field) ? nameOf(value) : value;
    case 'boolean':
      return value ? 'yes' : 'no';
    case 'number':
      return numberWords(field, value);
    default:
      return JSON.stringify(value);
  }
};

const numberWords = (field: string, value: number): string => {
  if (times.has(field)) return exactLabel(value);
  return field === 'maxUses' && value === 0 ? 'unlimited' : String(value);
};
