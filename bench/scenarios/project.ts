import { join } from 'node:path';
import { open } from 'lmdb';
import { MongoClient } from 'mongodb';
import { mongoStore } from '../../src/engine/cluster/mongo-store/mongo-store.ts';
import { embeddedStore } from '../../src/engine/embedded/lmdb-store/lmdb-store.ts';
import { circleAggregate, streamAggregate } from '../../src/events/aggregate.ts';
import { type CircleId, type StreamId, type UserId, uuid7 } from '../../src/events/ids.ts';
import { event } from '../../src/events/kinds/kinds.ts';
import { type EventLog, emptyTail } from '../../src/events/log.ts';
import { builtIn } from '../../src/projections/read-models.ts';
import { startRunner } from '../../src/projections/runner/runner.ts';
import { type Figure, figure, textOf } from '../stage/figures.ts';
import { happened, openLog, put } from '../stage/log.ts';
import type { Place } from '../stage/oshi.ts';

const streams = 20;
const commitsEach = 50;
const eventsPerCommit = 100;

/** A log of 20 circles with 5,000 messages each. */
const fill = async (log: EventLog): Promise<number> => {
  const by = uuid7() as UserId;
  const stamp = () => ({ at: Date.now(), by });
  await Promise.all(
    Array.from({ length: streams }, async () => {
      const circle = uuid7() as CircleId;
      const stream = circle as string as StreamId;
      const created = event('circle-created', {
        kind: 'circle',
        name: 'Bench',
        visibility: 'public',
        owner: by,
      });
      const begun = [
        happened(created, stamp()),
        happened(event('member-joined', { user: by }), stamp()),
        happened(event('stream-created', { id: circle, name: 'general' }), stamp()),
      ];
      await put(log, circleAggregate(circle), { tail: emptyTail, events: begun });
      let tail = emptyTail;
      for (let commit = 0; commit < commitsEach; commit++) {
        const events = Array.from({ length: eventsPerCommit }, (_, at) => {
          const m = tail.n + at + 1;
          const d = { id: uuid7(), m, text: textOf(m), mentions: [] };
          return happened(event('message-posted', d), stamp());
        });
        tail = await put(log, streamAggregate(circle, stream), { tail, events });
      }
    }),
  );
  return streams * (commitsEach * eventsPerCommit + 3);
};

const rowOf = (index: number) => ({
  _id: `${'x'.repeat(73)}/${uuid7()}`,
  s: 'x'.repeat(73),
  id: uuid7(),
  m: index,
  n: index,
  seq: index,
  at: Date.now(),
  by: 'x'.repeat(36),
  text: textOf(index),
  mentions: [],
});

const bareCount = 50_000;
const bareBatch = 1000;

/** What the database itself takes: the same documents by `insertMany`, with the same index. */
const bareMongo = async (url: string): Promise<Figure> => {
  const client = await MongoClient.connect(url);
  const collection = client.db('bare').collection<ReturnType<typeof rowOf>>('messages');
  await collection.createIndex({ s: 1, m: 1 });
  const begun = performance.now();
  for (let at = 0; at < bareCount; at += bareBatch) {
    await collection.insertMany(
      Array.from({ length: bareBatch }, (_, index) => rowOf(at + index)),
      { ordered: false },
    );
  }
  const rate = bareCount / ((performance.now() - begun) / 1000);
  await client.close();
  return figure('bare insertMany, same index', rate, '/s');
};

/** What LMDB itself takes: the same documents and one index entry each, in transactions of 1,000. */
const bareLmdb = async (place: Place): Promise<Figure> => {
  const root = open({ path: join(place.dataDir, 'bare-rows.mdb'), overlappingSync: false });
  const documents = root.openDB<object, string>('documents', {});
  const entries = root.openDB<string, string>('entries', {});
  const begun = performance.now();
  for (let at = 0; at < bareCount; at += bareBatch) {
    await root.transaction(() => {
      for (let index = at; index < at + bareBatch; index++) {
        const row = rowOf(index);
        documents.putSync(row._id, row);
        entries.putSync(`${row.s}${String(row.m).padStart(12, '0')}`, row._id);
      }
    });
  }
  const rate = bareCount / ((performance.now() - begun) / 1000);
  await root.close();
  return figure('bare LMDB puts, same index', rate, '/s');
};

/** Events applied to all built-in read models a second, from the beginning of a log of 100,000 messages. */
export const project = async (place: Place): Promise<Figure[]> => {
  const { log, close } = await openLog(place);
  const events = await fill(log);
  const store =
    place.mongodbUrl === undefined
      ? await embeddedStore({ path: join(place.dataDir, 'models') })
      : await mongoStore({ url: place.mongodbUrl });
  const begun = performance.now();
  const runner = await startRunner({ log, store, projections: builtIn });
  await runner.caughtUp();
  const rate = events / ((performance.now() - begun) / 1000);
  await runner.stop();
  await store.close();
  await close();
  const bare = place.mongodbUrl === undefined ? bareLmdb(place) : bareMongo(place.mongodbUrl);
  return [figure('events projected', rate, '/s'), await bare];
};
