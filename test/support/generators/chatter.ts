import { type Aggregate, circleAggregate, streamAggregate } from '../../../src/events/aggregate.ts';
import type { LoggedEvent } from '../../../src/events/commit.ts';
import type { CircleId, StreamId } from '../../../src/events/ids.ts';
import { type DataOf, type EventKind, event } from '../../../src/events/kinds/kinds.ts';
import { type Projection, projection } from '../../../src/projections/projection.ts';

/** A UUID that says which one it is. */
export const numbered = (index: number): string =>
  `00000000-0000-7000-8000-${String(index).padStart(12, '0')}`;

export const circleNumber = (index: number): Aggregate =>
  circleAggregate(numbered(index) as CircleId);

export const streamNumber = (index: number): Aggregate =>
  streamAggregate(numbered(index) as CircleId, numbered(index) as StreamId);

/** An event with a stamp, as a writer would append it. */
export const stamped = <K extends EventKind>(k: K, d: DataOf<K>): LoggedEvent =>
  ({ ...event(k, d), at: 1_700_000_000_000, by: numbered(0) }) as LoggedEvent;

export const posted = (id: number, text = 'hello'): LoggedEvent =>
  stamped('message-posted', { id: numbered(id), m: id + 1, text, mentions: [] });

export const edited = (id: number, text: string): LoggedEvent =>
  stamped('message-edited', { id: numbered(id), text, mentions: [] });

export const deleted = (id: number): LoggedEvent =>
  stamped('message-deleted', { id: numbered(id) });

/** One document a message: inserted, changed, deleted. */
export const texts: Projection = projection({
  name: 'texts',
  version: 1,
  indexes: [],
  on: {
    'message-posted': ({ d, n }, { s }) => [
      { insertOne: { document: { _id: `${s}/${d.id}`, n, text: d.text, edits: 0 } } },
    ],
    'message-edited': ({ d }, { s }) => [
      {
        updateOne: {
          filter: { _id: `${s}/${d.id}` },
          update: { $set: { text: d.text }, $inc: { edits: 1 } },
        },
      },
    ],
    'message-deleted': ({ d }, { s }) => [{ deleteOne: { filter: { _id: `${s}/${d.id}` } } }],
  },
});

/** One document a stream that counts what happened in it: wrong as soon as anything is applied twice. */
export const counts: Projection = projection({
  name: 'counts',
  version: 1,
  indexes: [],
  on: {
    'message-posted': ({ n }, { s = '' }) => [
      {
        updateOne: {
          filter: { _id: s },
          update: { $inc: { posted: 1 }, $set: { last: n } },
          upsert: true,
        },
      },
    ],
    'message-deleted': (_, { s = '' }) => [
      { updateOne: { filter: { _id: s }, update: { $inc: { deleted: 1 } }, upsert: true } },
    ],
  },
});
