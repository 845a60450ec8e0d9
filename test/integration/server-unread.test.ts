import { expect } from 'vitest';
import { uuid7 } from '../../src/events/ids.ts';
import {
  everybodySees,
  makeCircle,
  messagesOf,
  type Person,
  post,
  registerAll,
} from '../support/fixtures/server-people.ts';
import { TestSocket } from '../support/fixtures/server-socket.ts';
import { testOnEngines, testOnOwnStages } from '../support/fixtures/server-stage.ts';

const it = testOnEngines();
const itAlone = testOnOwnStages();

type Unread = { s: string; last: number; read: number; unread: number; mentions: number };

/** What somebody has not read; with what the author was answered, if there is one. */
const unreadOf = async (person: Person, author?: Person): Promise<Unread[]> => {
  if (author) await everybodySees(author);
  const { status, body } = await person.call('GET /v1/unread');
  expect(status).toBe(200);
  return body.streams as unknown as Unread[];
};

it('what was there at the joining is read, one’s own posts are, and the rest is counted [H5]', async ({
  url,
}) => {
  const [ann, bob] = await registerAll(url, ['ann', 'bob']);
  if (!(ann && bob)) return;
  const circle = await makeCircle(ann);
  const s = `${circle}/${circle}`;
  await post(ann, circle);
  await bob.call(`PUT /v1/circles/${circle}/members/me`, {});
  expect(await unreadOf(bob)).toEqual([]);
  const mention = uuid7();
  await post(ann, circle, { id: mention, text: `@${bob.username}` });
  await post(ann, circle);
  expect(await unreadOf(bob, ann)).toEqual([{ s, last: 3, read: 1, unread: 2, mentions: 1 }]);
  await ann.call(`PATCH ${messagesOf(circle)}/${mention}`, { text: 'nobody' });
  expect((await unreadOf(bob, ann))[0]?.mentions).toBe(0);
  await ann.call(`PATCH ${messagesOf(circle)}/${mention}`, { text: `now @${bob.username}` });
  expect((await unreadOf(bob, ann))[0]?.mentions).toBe(1);
  await ann.call(`DELETE ${messagesOf(circle)}/${mention}`);
  expect(await unreadOf(bob, ann)).toEqual([{ s, last: 3, read: 1, unread: 1, mentions: 0 }]);
  await post(bob, circle);
  expect(await unreadOf(bob)).toEqual([]);
  await bob.call(`DELETE /v1/circles/${circle}/members/me`);
  for (let times = 0; times < 3; times++) await post(ann, circle);
  await bob.call(`PUT /v1/circles/${circle}/members/me`, {});
  expect(await unreadOf(bob)).toEqual([]);
  await post(ann, circle);
  expect(await unreadOf(bob, ann)).toEqual([{ s, last: 8, read: 7, unread: 1, mentions: 0 }]);
  const [, reset] = await (await TestSocket.greet(url, bob)).subscribe(s);
  expect(reset?.read).toBe(7);
});

it('a marker is at most the newest, never goes back, and nobody outside has one [H5]', async ({
  url,
}) => {
  const [ann, bob, out] = await registerAll(url, ['ann', 'bob', 'out']);
  if (!(ann && bob && out)) return;
  const circle = await makeCircle(ann, [bob]);
  const path = `PUT /v1/circles/${circle}/streams/${circle}/read`;
  for (let times = 0; times < 3; times++) await post(ann, circle);
  await everybodySees(ann);
  for (const [m, read] of [
    [2, 2],
    [1, 2],
    [99, 3],
    [0, 3],
  ]) {
    expect((await bob.call(path, { m })).body).toEqual({ read });
  }
  expect((await out.call(path, { m: 1 })).status).toBe(403);
  expect([(await bob.call('GET /v1/unread?limit=3')).status, await unreadOf(bob)]).toEqual([
    400,
    [],
  ]);
});

itAlone(
  'a post whose server died right behind its answer is read by its author [H5]',
  async ({ stage, url }) => {
    const [ann, bob] = await registerAll(url, ['ann', 'bob']);
    if (!(ann && bob)) return;
    const circle = await makeCircle(ann, [bob]);
    await post(ann, circle);
    expect((await post(bob, circle)).status).toBe(201);
    await (await stage.server()).kill();
    await stage.restart();
    expect(await unreadOf(bob)).toEqual([]);
    await post(ann, circle);
    expect(await unreadOf(bob, ann)).toMatchObject([{ last: 3, read: 2, unread: 1 }]);
  },
);
