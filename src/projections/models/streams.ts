import * as Type from 'typebox';
import { formatStreamPath } from '../../events/stream-path.ts';
import { defined } from '../../runtime/defined.ts';
import type { Update } from '../../store/documents.ts';
import type { StoreToRead } from '../../store/store.ts';
import { collectionOf, projection } from '../projection.ts';
import { updated } from './writes.ts';

/** One row per stream. `_id`: its path, `<circle>/<stream>`. */
export const StreamRow = Type.Object({
  _id: Type.String(),
  circle: Type.String(),
  stream: Type.String(),
  name: Type.String(),
  topic: Type.Optional(Type.String()),
  /** The number of the circle's event that created it, by which streams are listed. 0: it was deleted. */
  order: Type.Integer(),
  archived: Type.Optional(Type.Boolean()),
  deleted: Type.Optional(Type.Boolean()),
  /** The number of its last message, and the position of its commit in the log; 0: none. */
  last: Type.Integer(),
  lastSeq: Type.Integer(),
  /** No message above this one was ever deleted. */
  deletedMax: Type.Integer(),
  /** The number of its last event. */
  n: Type.Integer(),
});
export type StreamRow = Type.Static<typeof StreamRow>;

const change = (circle: string, stream: string, update: Update) =>
  updated(formatStreamPath(circle, stream), update);

/** Events of earlier versions do not tell the number of a deleted message: it may have been any. */
const anyMessage = Number.MAX_SAFE_INTEGER;

const counted = ({ n }: { n: number }, { s = '' }: { s?: string }) => updated(s, { $max: { n } });

/** All streams, with the numbers of their last messages and events. */
export const streams = projection({
  name: 'streams',
  version: 3,
  indexes: [{ circle: 1, order: 1 }],
  schema: StreamRow,
  on: {
    'stream-created': ({ d, n: order }, { id: circle }) => {
      const { id: stream, name, topic } = d;
      const document: StreamRow = {
        _id: formatStreamPath(circle, stream),
        circle,
        stream,
        name,
        ...defined({ topic }),
        order,
        last: 0,
        lastSeq: 0,
        deletedMax: 0,
        n: 0,
      };
      return [{ insertOne: { document } }];
    },
    'stream-updated': ({ d }, { id: circle }) => {
      const { id, name, topic } = d;
      const set = { ...defined({ name }), ...(topic && { topic }) };
      return change(circle, id, {
        ...(Object.keys(set).length > 0 && { $set: set }),
        ...(topic === null && { $unset: { topic: '' } }),
      });
    },
    'stream-archived': ({ d }, { id }) => change(id, d.id, { $set: { archived: true } }),
    'stream-restored': ({ d }, { id }) => change(id, d.id, { $unset: { archived: '' } }),
    'stream-deleted': ({ d }, { id }) => change(id, d.id, { $set: { deleted: true, order: 0 } }),
    'message-posted': ({ d, n, seq }, { s = '' }) =>
      updated(s, { $max: { last: d.m, lastSeq: seq, n } }),
    'message-deleted': ({ d, n }, { s = '' }) =>
      updated(s, { $max: { deletedMax: d.m ?? anyMessage, n } }),
    'stream-opened': counted,
    'message-edited': counted,
    'reaction-added': counted,
    'reaction-removed': counted,
    'message-pinned': counted,
    'message-unpinned': counted,
  },
});

/** A stream as its members see it. */
export const streamView = (
  row: Pick<StreamRow, '_id' | 'stream' | 'name' | 'topic' | 'archived' | 'last'>,
) => ({
  id: row.stream,
  s: row._id,
  name: row.name,
  ...defined({ topic: row.topic }),
  ...(row.archived && { archived: true as const }),
  last: row.last,
});
export type StreamView = ReturnType<typeof streamView>;

export const streamQueries = (store: StoreToRead) => {
  const collection = collectionOf(streams);
  // Deleted streams, of which there may be many, are not read.
  const order = { $gt: 0 };
  return {
    /** The stream, unless it was deleted. */
    get: async (s: string): Promise<StreamRow | undefined> => {
      const row = (await store.get(collection, s)) as StreamRow | undefined;
      return row?.deleted ? undefined : row;
    },
    /** The streams of a circle that were not deleted, in the order of their creation. */
    ofCircle: async (circle: string): Promise<StreamRow[]> => {
      const rows = await store.find(collection, { circle, order }, { sort: { order: 1 } });
      return rows as StreamRow[];
    },
    /** The streams of several circles that were not deleted, in no order. */
    ofCircles: async (circles: readonly string[]): Promise<StreamRow[]> => {
      const rows = await store.find(collection, { circle: { $in: circles }, order });
      return rows as StreamRow[];
    },
  };
};
