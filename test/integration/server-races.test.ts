import { expect } from 'vitest';
import { directCircle, type UserId, uuid7 } from '../../src/events/ids.ts';
import {
  makeCircle,
  messagesOf,
  type Person,
  post,
  registerAll,
} from '../support/fixtures/server-people.ts';
import { type ServerFrame, TestSocket } from '../support/fixtures/server-socket.ts';
import { testOnEngines } from '../support/fixtures/server-stage.ts';

const it = testOnEngines();

const twenty = Array.from({ length: 20 }, (_, index) => index);

const two = (url: string) => registerAll(url, ['ann', 'ben']) as Promise<[Person, Person]>;

it('a conversation that both open twenty times at once is told of once to each [W8]', async ({
  url,
}) => {
  const [ann, ben] = await two(url);
  const circle = directCircle(ann.id as UserId, ben.id as UserId);
  const sockets = await Promise.all([ann, ben].map((each) => TestSocket.greet(url, each)));
  for (const socket of sockets) await socket.subscribe('me');
  const open = (person: Person, other: Person, socket: TestSocket | undefined) =>
    twenty.map(async (index) => {
      if (index % 2) return (await person.call(`PUT /v1/directs/${other.id}`)).body.circle?.id;
      return (await socket?.command('open-direct', { user: other.id }))?.d?.circle?.id;
    });
  const opened = await Promise.all([...open(ann, ben, sockets[0]), ...open(ben, ann, sockets[1])]);
  expect(new Set(opened)).toEqual(new Set([circle]));
  // What comes after it in the same stream shows that nothing more of it comes.
  for (const [index, socket] of sockets.entries()) {
    const person = [ann, ben][index];
    await person?.call('PATCH /v1/me', { about: 'later' });
    await socket.until(({ e = [] }) => e.some(({ k }) => k === 'profile-updated'));
    const joined = socket.events('me').filter(({ k }) => k === 'circle-joined');
    expect(joined.map(({ d }) => d)).toEqual([{ circle }]);
    socket.close();
  }
  const { body } = await ann.call(`GET /v1/circles/${circle}`);
  expect(body.circle).toMatchObject({ members: 2, n: 4 });
});

type Mark = ServerFrame & { readonly k?: string };

it('a marker that many devices move at once only goes forward, and all end at the newest [H5] [W17]', async ({
  url,
}) => {
  const [ann, ben] = await two(url);
  const circle = await makeCircle(ann, [ben]);
  const s = `${circle}/${circle}`;
  for (const _ of twenty) await post(ann, circle);
  const devices = await Promise.all(twenty.slice(0, 3).map(() => TestSocket.greet(url, ben)));
  for (const device of devices) await device.subscribe('me');
  const marks = devices.slice(0, 2).flatMap((device, which) =>
    twenty.map((index) => {
      const m = which ? 20 - index : index + 1;
      return device.command('mark-read', { s, m }).then(({ d }) => [m, d?.read ?? 0] as const);
    }),
  );
  for (const [m, read] of await Promise.all(marks)) expect(read).toBeGreaterThanOrEqual(m);
  expect((await ben.call('GET /v1/unread')).body.streams).toEqual([]);
  const heard = (device: TestSocket): number[] =>
    (device.frames as Mark[])
      .filter(({ t, k }) => t === 'sig' && k === 'read')
      .map(({ d }) => (d as { m?: number })?.m ?? 0);
  const idle = devices[2];
  await idle?.until(() => heard(idle).at(-1) === 20);
  for (const device of devices) {
    await device.settled();
    const told = heard(device);
    expect(told).toEqual([...new Set(told)].sort((a, b) => a - b));
    device.close();
  }
});

it('of many who make, edit, react and pin the same at once each is done once [W8] [W10]', async ({
  url,
}) => {
  const [ann, ben] = await two(url);
  const circle = await makeCircle(ann, [ben]);
  const s = `${circle}/${circle}`;
  const socket = await TestSocket.greet(url, ben);
  await socket.subscribe(s);
  const [id, key] = [uuid7(), uuid7()];
  const posts = await Promise.all(twenty.map(() => post(ann, circle, { id })));
  expect(new Set(posts.map(({ text }) => text)).size).toBe(1);
  expect(posts.map(({ status }) => status).filter((status) => status === 201)).toHaveLength(1);
  const message = `${messagesOf(circle)}/${id}`;
  const keyed = { 'idempotency-key': key };
  const edits = await Promise.all(
    twenty.map(() => ann.call(`PATCH ${message}`, { text: 'edited' }, keyed)),
  );
  expect(new Set(edits.map(({ text }) => text)).size).toBe(1);
  const path = `${message}/reactions/${encodeURIComponent('👍')}`;
  const marks = [path, `${message}/pin`];
  for (const mark of marks) {
    const answers = await Promise.all(twenty.map(() => ann.call(`PUT ${mark}`)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
  }
  for (const mark of marks) await Promise.all(twenty.map(() => ann.call(`DELETE ${mark}`)));
  const { n = 0 } = (await post(ann, circle)).body;
  await socket.event(s, n);
  expect(socket.events(s).map(({ k }) => k)).toEqual([
    ...['message-posted', 'message-edited', 'reaction-added', 'message-pinned'],
    ...['reaction-removed', 'message-unpinned', 'message-posted'],
  ]);
  socket.close();
});
