import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { expect } from 'vitest';
import { eventFamily, namesOf } from '../../src/engine/cluster/jetstream-log/family.ts';
import { openJetstreamLog } from '../../src/engine/cluster/jetstream-log/jetstream-log.ts';
import { connectNats } from '../../src/engine/cluster/nats-connection.ts';
import { openCommitStore } from '../../src/engine/embedded/lmdb-log/commit-store.ts';
import { openLmdbLog } from '../../src/engine/embedded/lmdb-log/lmdb-log.ts';
import { type Aggregate, streamAggregate } from '../../src/events/aggregate.ts';
import type { CircleId, StreamId } from '../../src/events/ids.ts';
import { uuid7 } from '../../src/events/ids.ts';
import type { Tail } from '../../src/events/log.ts';
import {
  makeCircle,
  messagesOf,
  type Person,
  post,
  register,
} from '../support/fixtures/server-people.ts';
import { type ServerStage, testOnOwnStages } from '../support/fixtures/server-stage.ts';

const it = testOnOwnStages();

/** Appends bytes behind the last commit of an aggregate, whatever they are, as a newer version or a bad disk would. */
const appendRaw = async (
  { dir, nats }: ServerStage,
  aggregate: Aggregate,
  bytesFor: (tail: Tail) => Buffer,
): Promise<void> => {
  if (!nats) {
    const log = await openLmdbLog({ path: dir });
    const tail = await log.tail(aggregate);
    await log.close();
    const store = await openCommitStore({ file: join(dir, 'log.mdb') });
    const seq = (store?.last(0) ?? 0) + 1;
    await store?.write([{ aggregate, partition: 0, seq, n: tail.n + 1, bytes: bytesFor(tail) }]);
    await store?.close();
    return;
  }
  const { nc } = await connectNats(nats.url);
  const log = await openJetstreamLog({ nc, family: eventFamily });
  const bytes = bytesFor(await log.tail(aggregate));
  const subject = namesOf(eventFamily, log.info.partitions).subjectOf(aggregate);
  const answer = await nc.request(subject, bytes);
  expect(answer.json()).not.toHaveProperty('error');
  await log.close();
  await nc.close();
};

const ofNewerVersion = ({ n, hash }: Tail): Buffer =>
  Buffer.from(
    JSON.stringify({
      ...{ v: 1, id: randomUUID(), n: n + 1, prev: hash, term: 1 },
      e: [{ k: 'message-translated', v: 1, at: Date.now(), by: randomUUID(), d: {} }],
    }),
  );

const postIn = (author: Person, circle: string, stream: string) =>
  author.call(`PUT /v1/circles/${circle}/streams/${stream}/messages/${uuid7()}`, { text: 'hello' });

it('a stream with an event of a newer version is refused with the reason, without retryAfter; others go on', async ({
  stage,
  url,
}) => {
  const ann = await register(url);
  const circle = await makeCircle(ann);
  const other = uuid7();
  expect(
    (await ann.call(`PUT /v1/circles/${circle}/streams/${other}`, { name: 'other' })).status,
  ).toBe(201);
  expect((await post(ann, circle, { text: 'before' })).status).toBe(201);
  await (await stage.server()).stop();
  const aggregate = streamAggregate(circle as CircleId, circle as StreamId);
  await appendRaw(stage, aggregate, ofNewerVersion);
  const server = await stage.restart();
  for (let times = 0; times < 3; times++) {
    const { status, body, headers } = await post(ann, circle, { text: 'after' });
    expect({ status, code: body.code }).toEqual({ status: 503, code: 'unavailable' });
    expect(body).toMatchObject({ detail: expect.stringMatching(/newer version of Oshi/) });
    expect(body).not.toHaveProperty('retryAfter');
    expect(headers.get('retry-after')).toBeNull();
    expect((await postIn(ann, circle, other)).status).toBe(201);
  }
  const { text } = await ann.call(`GET ${messagesOf(circle)}`);
  expect(text).toContain('before');
  const lines = (await server.stop()).stderr.split('\n').filter((line) => line.includes(aggregate));
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(
    /event \d+ is a message-translated of version 1, which this version of Oshi does not know/,
  );
});
