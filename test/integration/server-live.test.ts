import { expect } from 'vitest';
import { uuid7 } from '../../src/events/ids.ts';
import { until as cameAbout } from '../support/checkers/waiting.ts';
import {
  everybodySees,
  makeCircle,
  type Person,
  post,
  register,
  registerAll,
} from '../support/fixtures/server-people.ts';
import { type ServerFrame, TestSocket } from '../support/fixtures/server-socket.ts';
import { testOnEngines } from '../support/fixtures/server-stage.ts';

const it = testOnEngines();

/** A frame of what passes. */
type Passing = ServerFrame & {
  readonly k?: string;
  readonly by?: string;
  readonly ttl?: number;
  readonly mention?: boolean;
  readonly d?: Readonly<Record<string, unknown>>;
};

const passing = (socket: TestSocket, fits: (frame: Passing) => boolean): Passing[] =>
  (socket.frames as Passing[]).filter(
    (each) => (each.t === 'sig' || each.t === 'activity') && fits(each),
  );

const until = (socket: TestSocket, fits: (frame: Passing) => boolean): Promise<Passing> =>
  socket.until((frame) => fits(frame as Passing)) as Promise<Passing>;

/** A socket of somebody's that follows these. */
const follow = async (url: string, person: Person, ...names: string[]): Promise<TestSocket> => {
  const socket = await TestSocket.greet(url, person);
  for (const s of names) await socket.subscribe(s);
  return socket;
};

/** Resolves when it is known of these people, who are connected, that they are in a circle. */
const known = (circle: string, one: Person, other: Person): Promise<void> =>
  cameAbout(async () => {
    const { text } = await one.call(`GET /v1/circles/${circle}/presence`);
    return [one, other].every(({ id }) => text.includes(id));
  }, 'the presence of both');

it('typing goes to the others who follow the stream, and from nobody outside [W17]', async ({
  url,
}) => {
  const [ann, bob, out] = await registerAll(url, ['ann', 'bob', 'out']);
  if (!(ann && bob && out)) return;
  const circle = await makeCircle(ann, [bob]);
  const s = `${circle}/${circle}`;
  const [anns, bobs] = [await follow(url, ann, s), await follow(url, bob, s)];
  const stranger = await follow(url, out);
  await known(circle, ann, bob);
  for (const socket of [stranger, bobs]) socket.send({ t: 'sig', s, k: 'typing' });
  await stranger.settled();
  expect(await until(anns, ({ k }) => k === 'typing')).toEqual({
    ...{ t: 'sig', s, k: 'typing', by: bob.id, ttl: 8000 },
  });
  await ann.call(`DELETE /v1/circles/${circle}/members/${bob.id}`);
  await bobs.until(({ t }) => t === 'end');
  bobs.send({ t: 'sig', s, k: 'typing' });
  await bobs.settled();
  anns.send({ t: 'sig', s, k: 'typing' });
  await anns.settled();
  const typing = (socket: TestSocket) => passing(socket, ({ k }) => k === 'typing').length;
  expect([typing(anns), typing(bobs), typing(stranger)]).toEqual([1, 0, 0]);
});

it('a signal that does not fit is bad-request, one of a kind that is not known is not answered [W14]', async ({
  url,
}) => {
  const socket = await follow(url, await register(url));
  socket.send({ t: 'sig', s: 'me', k: 'waving' });
  socket.send({ t: 'sig', s: 'me', k: 'presence', d: { status: 'asleep' } });
  const error = await socket.until(({ t }) => t === 'err');
  expect(error).toMatchObject({ code: 'bad-request', field: 'd' });
  expect('id' in error).toBe(false);
  socket.send({ t: 'sig', s: 'me', k: 'typing' });
  await socket.until(({ t, field }) => t === 'err' && field === 's');
  await socket.settled();
});

it('a marker that moves is told to the other connections that follow me, also by a post [W17]', async ({
  url,
}) => {
  const [ann, bob] = await registerAll(url, ['ann', 'bob']);
  if (!(ann && bob)) return;
  const circle = await makeCircle(ann, [bob]);
  const s = `${circle}/${circle}`;
  for (let times = 0; times < 3; times++) await post(ann, circle);
  await everybodySees(ann);
  const [phone, desk, deaf] = [
    await follow(url, bob, 'me'),
    await follow(url, bob, 'me'),
    await follow(url, bob),
  ];
  const read = (m: number) => (frame: Passing) => frame.k === 'read' && frame.d?.m === m;
  await phone.command('mark-read', { s, m: 2 });
  expect(await until(desk, read(2))).toEqual({ t: 'sig', s: 'me', k: 'read', d: { s, m: 2 } });
  await desk.command('mark-read', { s, m: 1 });
  await bob.call(`PUT /v1/circles/${circle}/streams/${circle}/read`, { m: 3 });
  for (const socket of [phone, desk]) await until(socket, read(3));
  await phone.command('post-message', { s, id: uuid7(), text: 'mine' });
  await until(desk, read(4));
  await post(bob, circle);
  for (const socket of [phone, desk]) await until(socket, read(5));
  const told = (socket: TestSocket) => passing(socket, ({ t }) => t === 'sig').map(({ d }) => d?.m);
  expect([told(phone), told(desk), told(deaf)]).toEqual([[3, 5], [2, 3, 4, 5], []]);
});

it('activity is told to members who do not follow a stream, and to nobody who was removed [W11] [W17]', async ({
  url,
}) => {
  const [ann, bob, cid] = await registerAll(url, ['ann', 'bob', 'cid']);
  if (!(ann && bob && cid)) return;
  const circle = await makeCircle(ann, [bob, cid]);
  const s = `${circle}/${circle}`;
  const [bobs, cids] = [await follow(url, bob), await follow(url, cid)];
  await known(circle, bob, cid);
  await post(ann, circle, { text: `hello @${bob.username}` });
  await until(bobs, ({ t, m, mention = false }) => t === 'activity' && m === 1 && mention);
  await until(cids, ({ t, m, mention = true }) => t === 'activity' && m === 1 && !mention);
  await ann.call(`DELETE /v1/circles/${circle}/members/${cid.id}`);
  for (let times = 0; times < 3; times++) await post(ann, circle);
  await until(bobs, ({ t, m }) => t === 'activity' && m === 4);
  await cids.settled();
  expect(passing(cids, ({ t }) => t === 'activity')).toHaveLength(1);
  await bobs.subscribe(s);
  await post(ann, circle);
  await bobs.event(s, 6);
  expect(passing(bobs, ({ m = 0 }) => m > 4)).toEqual([]);
});

it('whoever joins while connected is told of activity from then on [W17]', async ({ url }) => {
  const [ann, bob] = await registerAll(url, ['ann', 'bob']);
  if (!(ann && bob)) return;
  const circle = await makeCircle(ann);
  const bobs = await follow(url, bob);
  await post(ann, circle);
  await bob.call(`PUT /v1/circles/${circle}/members/me`, {});
  await post(ann, circle);
  await until(bobs, ({ t, m }) => t === 'activity' && m === 2);
  expect(passing(bobs, () => true)).toHaveLength(1);
});

it('presence is told to those who follow a circle, and shown to members alone [W17]', async ({
  url,
}) => {
  const [ann, bob, out] = await registerAll(url, ['ann', 'bob', 'out']);
  if (!(ann && bob && out)) return;
  const circle = await makeCircle(ann, [bob]);
  const anns = await follow(url, ann, circle);
  const stranger = await follow(url, out, 'me');
  const says = (state: string) => (frame: Passing) =>
    frame.k === 'presence' && JSON.stringify(frame.d?.[state]).includes(bob.id);
  const bobs = await follow(url, bob);
  await until(anns, says('online'));
  bobs.send({ t: 'sig', s: 'me', k: 'presence', d: { status: 'idle' } });
  await until(anns, says('idle'));
  const path = `GET /v1/circles/${circle}/presence`;
  expect((await ann.call(path)).body).toEqual({ online: [ann.id], idle: [bob.id] });
  expect((await out.call(path)).status).toBe(403);
  bobs.close();
  await until(anns, says('offline'));
  expect((await ann.call(path)).body).toEqual({ online: [ann.id], idle: [] });
  expect(passing(stranger, () => true)).toEqual([]);
});
