import { expect } from 'vitest';
import { directCircle, type UserId, uuid7 } from '../../src/events/ids.ts';
import { until } from '../support/checkers/waiting.ts';
import {
  makeCircle,
  messagesOf,
  type Person,
  post,
  register,
  registerAll,
} from '../support/fixtures/server-people.ts';
import { type ServerFrame, TestSocket } from '../support/fixtures/server-socket.ts';
import { testOnEngines } from '../support/fixtures/server-stage.ts';
import { chance } from '../support/generators/chance.ts';

const it = testOnEngines();

const idOf = (one: Person, other: Person) => directCircle(one.id as UserId, other.id as UserId);

type People = [Person, Person, Person];
const people = (url: string) => registerAll(url, ['ann', 'ben', 'eve']) as Promise<People>;

it('whoever opens a conversation, and however often at once, it is one [W8]', async ({ url }) => {
  const [ann, ben] = await people(url);
  const opens = Array.from({ length: 10 }, (_, index) =>
    index % 2 ? ann.call(`PUT /v1/directs/${ben.id}`) : ben.call(`PUT /v1/directs/${ann.id}`),
  );
  const answers = await Promise.all(opens);
  expect(answers.map(({ status }) => status).sort()).toEqual([...Array(9).fill(200), 201]);
  expect(new Set(answers.map(({ body }) => body.circle?.id))).toEqual(new Set([idOf(ann, ben)]));
  expect(answers[1]?.body.circle).toMatchObject({
    ...{ kind: 'direct', name: '', visibility: 'private', members: 2, n: 4 },
    ...{ streams: [{ name: 'general' }], with: { id: ben.id, username: ben.username } },
  });
  expect(answers[1]?.body.circle).not.toHaveProperty('owner');
  expect(answers[0]?.body.circle).toMatchObject({ with: { id: ann.id } });
});

it('both hear of it without a reload, list it, and find it in a reset of me [H3]', async ({
  url,
}) => {
  const [ann, ben] = await people(url);
  const circle = idOf(ann, ben);
  const socket = await TestSocket.greet(url, ben);
  await socket.subscribe('me');
  await ann.call(`PUT /v1/directs/${ben.id}`);
  const isJoined = ({ s, e = [] }: ServerFrame) =>
    s === 'me' && e.some(({ k, d }) => k === 'circle-joined' && d.circle === circle);
  await socket.until(isJoined);
  const view = (await ben.call(`GET /v1/circles/${circle}`)).body.circle;
  expect(view).toMatchObject({ id: circle, with: { id: ann.id } });
  const entry = { id: circle, kind: 'direct', name: '', visibility: 'private' };
  const [, reset] = await socket.subscribe('me');
  expect(reset).toMatchObject({ me: { circles: [{ ...entry, with: { id: ann.id } }] } });
  const [, ofCircle] = await socket.subscribe(circle);
  expect(ofCircle?.circle).toEqual(view);
  for (const [person, other] of [
    [ann, ben],
    [ben, ann],
  ] as const) {
    const { body } = await person.call('GET /v1/directs');
    expect(body.circles).toMatchObject([{ ...entry, with: { id: other.id } }]);
    expect((await person.call('GET /v1/circles')).body.circles).toEqual([]);
  }
  socket.close();
});

it('its people talk; they do not leave, change or delete it, and others see none [H1] [H3]', async ({
  url,
}) => {
  const [ann, ben, eve] = await people(url);
  const circle = idOf(ann, ben);
  await ann.call(`PUT /v1/directs/${ben.id}`);
  expect((await post(ben, circle)).status).toBe(201);
  const path = `/v1/circles/${circle}`;
  const forbidden: [string, object?][] = [
    [`PATCH ${path}`, { name: 'Ours' }],
    [`PATCH ${path}`, { visibility: 'public' }],
    [`DELETE ${path}`],
    [`PUT ${path}/members/me`, {}],
    [`DELETE ${path}/members/me`],
    [`DELETE ${path}/members/${ben.id}`],
    [`POST ${path}/invites`, {}],
    [`GET ${path}/invites`],
    [`DELETE ${path}/invites/abcdefghijkl`],
    [`PUT ${path}/streams/${uuid7()}`, { name: 'x' }],
    [`PATCH ${path}/streams/${circle}`, { archived: true }],
    [`DELETE ${path}/streams/${circle}`],
  ];
  for (const [request, body] of forbidden) {
    const within = await ann.call(request, body);
    expect([request, within.status, within.body.code]).toEqual([request, 403, 'forbidden']);
    const outside = await eve.call(request, body);
    expect([request, outside.status]).toEqual([request, 404]);
  }
  expect((await eve.call(`GET ${messagesOf(circle)}`)).status).toBe(404);
  expect((await eve.call(`GET ${path}`)).status).toBe(404);
  const invited = await eve.call(`PUT ${path}/members/me`, { invite: 'abcdefghijkl' });
  expect(invited.body.code).toBe('invite-invalid');
  const named = await ann.call(`PATCH ${path}/members/me/data`, { nickname: 'Annie' });
  expect(named.body).toEqual({ nickname: 'Annie' });
});

it('nobody talks with nobody, or with themselves', async ({ url }) => {
  const ann = await register(url);
  expect((await ann.call(`PUT /v1/directs/${uuid7()}`)).body.code).toBe('not-found');
  const self = await ann.call(`PUT /v1/directs/${ann.id}`);
  expect([self.status, self.body.field]).toEqual([400, 'user']);
  expect((await ann.call('PUT /v1/directs/ben')).body.field).toBe('user');
});

it('conversations are paged', async ({ url }) => {
  const [ann, ...others] = await registerAll(url, ['ann', 'b', 'c', 'd', 'e', 'f']);
  if (!ann) throw new Error('nobody is there');
  for (const other of others) await other.call(`PUT /v1/directs/${ann.id}`);
  const seen: string[] = [];
  let cursor = '';
  do {
    const { body } = await ann.call(`GET /v1/directs?limit=2${cursor}`);
    seen.push(...(body.circles ?? []).map(({ id }) => id));
    cursor = body.next === undefined ? '' : `&cursor=${body.next}`;
  } while (cursor !== '');
  expect(seen).toEqual(others.map((other) => idOf(ann, other)).sort());
});

/** The circles of a reset of `me`, with what the events after it say. */
const circlesOf = (socket: TestSocket, { n = 0, me }: ServerFrame): string[] => {
  const circles = new Set(me?.circles.map(({ id }) => id));
  for (const event of socket.events('me')) {
    if (event.n <= n) continue;
    if (event.k === 'circle-joined') circles.add(event.d.circle);
    if (event.k === 'circle-left') circles.delete(event.d.circle);
  }
  return [...circles].sort();
};

it(
  'a reset of me and the events after it come to what a fresh one says [W6]',
  async ({ url }) => {
    const [ann, ben, eve] = await people(url);
    const dice = chance(81_32);
    const circles = await Promise.all(Array.from({ length: 8 }, () => makeCircle(ann)));
    const sockets: { socket: TestSocket; reset: ServerFrame }[] = [];
    const listen = async (): Promise<void> => {
      const socket = await TestSocket.greet(url, ben);
      const [, reset] = await socket.subscribe('me');
      if (reset) sockets.push({ socket, reset });
    };
    const doings: (() => Promise<unknown>)[] = [
      () => ben.call(`PUT /v1/circles/${dice.pick(circles)}/members/me`, {}),
      () => ben.call(`DELETE /v1/circles/${dice.pick(circles)}/members/me`),
      () => ann.call(`DELETE /v1/circles/${dice.pick(circles)}/members/${ben.id}`),
      () => dice.pick([ann, eve]).call(`PUT /v1/directs/${ben.id}`),
    ];
    for (let round = 0; round < 12; round++) {
      await Promise.all([...Array.from({ length: 6 }, () => dice.pick(doings)()), listen()]);
    }
    await ann.call(`DELETE /v1/circles/${circles[0]}`);
    const mine = async (path: string) =>
      (await ben.call(`GET ${path}?limit=200`)).body.circles ?? [];
    const all = [...(await mine('/v1/circles')), ...(await mine('/v1/directs'))];
    const expected = all.map(({ id }) => id).sort();
    expect(sockets).toHaveLength(12);
    for (const { socket, reset } of sockets) {
      const folded = () => circlesOf(socket, reset);
      const differ = () => `${folded()} to be ${expected}`;
      await until(() => `${folded()}` === `${expected}`, differ);
      socket.close();
    }
  },
  { timeout: 60_000 },
);
