import * as Type from 'typebox';
import { isDirectCircle } from '../../events/ids.ts';
import type { EventKind } from '../../events/kinds/kinds.ts';
import { defined } from '../../runtime/defined.ts';
import type { Document, Update } from '../../store/documents.ts';
import type { StoreToRead } from '../../store/store.ts';
import { Time } from '../../store/times.ts';
import { collectionOf, type Projection } from '../projection.ts';
import { dated } from './dated.ts';
import { replacing, updated } from './writes.ts';

/** One row per circle. `_id`: the circle's id. */
export const CircleRow = Type.Object({
  _id: Type.String(),
  kind: Type.Union([Type.Literal('circle'), Type.Literal('direct')]),
  name: Type.String(),
  visibility: Type.Union([Type.Literal('public'), Type.Literal('private')]),
  about: Type.Optional(Type.String()),
  owner: Type.Optional(Type.String()),
  createdBy: Type.String(),
  createdAt: Time,
  /** The number of members. */
  members: Type.Integer(),
  /** The two users of a direct conversation. */
  people: Type.Optional(Type.Array(Type.String())),
  /** The number of its last event. */
  n: Type.Integer(),
  deleted: Type.Optional(Type.Boolean()),
});
export type CircleRow = Type.Static<typeof CircleRow>;

const change = (id: string, n: number, update: Update = {}) =>
  updated(id, { ...update, $set: { ...update.$set, n } });

/** Events that change only the circle's event number. */
const counted = (kinds: readonly EventKind[]): Projection['on'] =>
  Object.fromEntries(
    kinds.map((kind) => [kind, ({ n }: { n: number }, { id }: { id: string }) => change(id, n)]),
  );

export const circles = dated({
  name: 'circles',
  version: 3,
  indexes: [],
  schema: CircleRow,
  on: {
    'circle-created': ({ d, at, by, n }, { id }) => {
      const { kind, name, visibility, about, owner } = d;
      const document: CircleRow = {
        _id: id,
        kind,
        name,
        visibility,
        ...defined({ about, owner }),
        createdBy: by,
        createdAt: at,
        members: 0,
        n,
      };
      return [{ insertOne: { document } }];
    },
    'circle-updated': ({ d, n }, { id }) => change(id, n, replacing(d)),
    'circle-deleted': ({ n }, { id }) => change(id, n, { $set: { deleted: true, members: 0 } }),
    'member-joined': ({ d, n }, { id }) => {
      const known = isDirectCircle(id) ? { $addToSet: { people: d.user } } : {};
      return change(id, n, { $inc: { members: 1 }, ...known });
    },
    'member-left': ({ n }, { id }) => change(id, n, { $inc: { members: -1 } }),
    'member-removed': ({ n }, { id }) => change(id, n, { $inc: { members: -1 } }),
    ...counted([
      'member-data-changed',
      'stream-created',
      'stream-updated',
      'stream-archived',
      'stream-restored',
      'stream-deleted',
      'invite-created',
      'invite-revoked',
    ]),
  },
});

export const circleQueries = (store: StoreToRead) => {
  const collection = collectionOf(circles);
  const open = (document: Document | undefined): CircleRow | undefined => {
    const row = document as CircleRow | undefined;
    return row?.deleted ? undefined : row;
  };
  return {
    /** The circle, unless it was deleted. */
    get: async (id: string): Promise<CircleRow | undefined> =>
      open(await store.get(collection, id)),
    /** Those that exist and were not deleted, by id. */
    getMany: async (ids: readonly string[]): Promise<Map<string, CircleRow>> => {
      const rows = (await store.getMany(collection, ids)).flatMap((row) => open(row) ?? []);
      return new Map(rows.map((row) => [row._id, row]));
    },
  };
};
