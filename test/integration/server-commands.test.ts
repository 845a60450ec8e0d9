import { randomUUID } from 'node:crypto';
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
import { testOnEngines } from '../support/fixtures/server-stage.ts';

const it = testOnEngines();

const dayMs = 86_400_000;

/** Ann's circle with Ben in it and Cleo outside. */
const meeting = async (url: string) => {
  const [ann, ben, cleo] = (await registerAll(url, ['ann', 'ben', 'cleo'])) as [
    Person,
    Person,
    Person,
  ];
  const circle = await makeCircle(ann, [ben]);
  return { ann, ben, cleo, circle, s: `${circle}/${circle}`, path: `/v1/circles/${circle}` };
};

/** The number of the newest event of a stream: posting tells it. */
const newest = async (person: Person, circle: string): Promise<number> =>
  (await post(person, circle)).body.n ?? 0;

it('the same post again, however often and on whatever wire, is one [W8] [H2]', async ({ url }) => {
  const { ann, circle, s } = await meeting(url);
  const id = uuid7();
  const [one, two] = await Promise.all([TestSocket.greet(url, ann), TestSocket.greet(url, ann)]);
  const onSockets = Array.from({ length: 10 }, (_, index) =>
    (index % 2 ? one : two).command('post-message', { s, id, text: `text ${index}` }),
  );
  const onHttp = Array.from({ length: 5 }, () => post(ann, circle, { id }));
  const told = (await Promise.all(onSockets)).map(({ d }) => d);
  const answers = await Promise.all(onHttp);
  for (const answer of [...told, ...answers.map(({ body }) => body)])
    expect(answer).toEqual(told[0]);
  expect(told[0]).toEqual({ id, n: 2, m: 1, at: expect.any(Number) });
  expect(
    answers.map(({ status }) => status).filter((status) => status === 201).length,
  ).toBeLessThan(2);
  expect((await post(ann, circle, { id, text: 'later' })).status).toBe(200);
  expect(await newest(ann, circle)).toBe(3);
  one.close();
  two.close();
});

it('a key makes any other command repeatable: first answer, one event, on both wires [W8]', async ({
  url,
}) => {
  const { ann, circle, s } = await meeting(url);
  const id = uuid7();
  await post(ann, circle, { id });
  const socket = await TestSocket.greet(url, ann);
  const key = uuid7();
  const d = { s, id, text: 'better' };
  const first = await socket.command('edit-message', d, { key });
  expect(first.d?.message).toMatchObject({ id, text: 'better', editedAt: expect.any(Number) });
  expect((await socket.command('edit-message', d, { key })).d).toEqual(first.d);
  const path = `PATCH ${messagesOf(circle)}/${id}`;
  const again = await ann.call(path, { text: 'better' }, { 'idempotency-key': key });
  expect(again).toMatchObject({ status: 200, body: first.d });
  for (const other of [
    { ...d, text: 'worse' },
    { ...d, id: uuid7() },
  ]) {
    expect(await socket.command('edit-message', other, { key })).toMatchObject({
      code: 'conflict',
    });
  }
  expect(await socket.command('delete-message', { s, id }, { key })).toMatchObject({
    code: 'conflict',
  });
  expect(await newest(ann, circle)).toBe(4);
  for (const text of ['third', 'third']) await socket.command('edit-message', { s, id, text });
  expect(await newest(ann, circle)).toBe(7);
  socket.close();
});

it('a key is a version 7 UUID of the last 24 hours, at most 5 minutes ahead [W8]', async ({
  url,
}) => {
  const { ann, ben, circle } = await meeting(url);
  const leave = (key: string) =>
    ben.call(`DELETE /v1/circles/${circle}/members/me`, undefined, { 'idempotency-key': key });
  const now = Date.now();
  for (const key of ['x', randomUUID(), uuid7(now - dayMs - 60_000), uuid7(now + 360_000)]) {
    expect(await leave(key)).toMatchObject({
      status: 400,
      body: { code: 'bad-request', field: 'key' },
    });
  }
  expect((await leave(uuid7(now - dayMs + 60_000))).status).toBe(204);
  await everybodySees(ben);
  expect((await ann.call(`GET /v1/circles/${circle}`)).body.circle?.members).toBe(1);
});

it('refusals are not remembered under a key [W8]', async ({ url }) => {
  const { ann, cleo, circle } = await meeting(url);
  const socket = await TestSocket.greet(url, cleo);
  await post(ann, circle);
  await everybodySees(ann);
  const key = uuid7();
  const read = () => socket.command('mark-read', { s: `${circle}/${circle}`, m: 1 }, { key });
  expect((await read()).code).toBe('forbidden');
  await socket.command('join-circle', { circle });
  expect((await read()).d).toEqual({ read: 1 });
  socket.close();
});

it('a command that finds what it asks for answers ok and appends nothing [W8]', async ({ url }) => {
  const { ann, ben, circle, path } = await meeting(url);
  const n = async () => (await ann.call(`GET ${path}`)).body.circle?.n;
  const id = uuid7();
  expect((await ann.call(`PUT ${path}/streams/${id}`, { name: 'cakes' })).status).toBe(201);
  const archive = () => ann.call(`PATCH ${path}/streams/${id}`, { archived: true });
  await archive();
  const before = await n();
  expect(await ben.call(`PUT ${path}/members/me`, {})).toMatchObject({ status: 200 });
  expect(await archive()).toMatchObject({ status: 200, body: { stream: { archived: true } } });
  expect(await ann.call(`PATCH ${path}`, { name: 'Tea' })).toMatchObject({ status: 200 });
  const again = await ann.call(`PUT ${path}/streams/${id}`, { name: 'other' });
  expect(again).toMatchObject({ status: 200, body: { stream: { name: 'cakes' } } });
  const same = await ann.call(`PUT ${path}`, { name: 'Coffee', visibility: 'private' });
  expect(same).toMatchObject({ status: 200, body: { circle: { name: 'Tea' } } });
  expect(await n()).toBe(before);
  await post(ann, circle);
  await everybodySees(ann);
  for (const m of [1, 1, 9, 0]) {
    const marked = await ben.call(`PUT ${path}/streams/${circle}/read`, { m });
    expect(marked).toMatchObject({ status: 200, body: { read: 1 } });
  }
});

it('after an answer everything later of the session shows its effect [W18]', async ({ url }) => {
  const { ann, circle, s } = await meeting(url);
  const socket = await TestSocket.greet(url, ann);
  const texts: string[] = [];
  for (let round = 0; round < 15; round++) {
    const text = `round ${round}`;
    texts.push(text);
    const answer = await post(ann, circle, { text });
    expect(answer.headers.get('oshi-position')).toMatch(/^\d+:\d+$/);
    const [page, got, [, reset]] = await Promise.all([
      ann.call(`GET ${messagesOf(circle)}`),
      socket.ask({ t: 'get', s }),
      socket.subscribe(s),
    ]);
    for (const { messages = [] } of [page.body, got.d ?? {}, reset ?? {}]) {
      expect(messages.map((message) => message.text)).toEqual(texts);
    }
  }
  socket.close();
});

it('Oshi-Position is waited for up to 2 s, then unavailable; what is none is refused [W18]', async ({
  url,
}) => {
  const { ann, circle } = await meeting(url);
  const position = (await post(ann, circle)).headers.get('oshi-position') ?? '';
  const read = (value: string) =>
    ann.call('GET /v1/circles', undefined, { 'oshi-position': value });
  expect((await read(position)).status).toBe(200);
  const field = 'Oshi-Position';
  for (const value of ['x', '1', '-1:1', '99:1', '0:1:2']) {
    expect(await read(value)).toMatchObject({ status: 400, body: { code: 'bad-request', field } });
  }
});

it('a position beyond the end of the log is refused, and costs the session nothing [W18]', async ({
  url,
}) => {
  const { ann, circle } = await meeting(url);
  const [partition, place] = ((await post(ann, circle)).headers.get('oshi-position') ?? '').split(
    ':',
  );
  const field = 'Oshi-Position';
  for (const ahead of [999_999, 1e15, 9e15]) {
    const far = { 'oshi-position': `${partition}:${Number(place) + ahead}` };
    const answer = await ann.call('GET /v1/circles', undefined, far);
    expect(answer).toMatchObject({ status: 400, body: { code: 'bad-request', field } });
  }
  expect((await ann.call('GET /v1/circles')).status).toBe(200);
  const socket = await TestSocket.greet(url, ann);
  expect((await socket.ask({ t: 'get', s: `${circle}/${circle}` })).t).toBe('ok');
  socket.close();
});

it('an id belongs to who used it first [H2]', async ({ url }) => {
  const { ann, ben, cleo, circle, path } = await meeting(url);
  const [id, hidden] = [uuid7(), await makeCircle(ann, [], 'private')];
  await post(ann, circle, { id });
  expect((await post(ben, circle, { id })).body.code).toBe('conflict');
  expect((await post(ann, await makeCircle(ann), { id })).status).toBe(201);
  const create = (person: Person, name: string) =>
    person.call(`PUT /v1/circles/${name}`, { name: 'Mine', visibility: 'public' });
  expect((await create(cleo, circle)).body.code).toBe('conflict');
  expect((await create(cleo, hidden)).body.code).toBe('not-found');
  expect((await create(ann, uuid7(1000))).status).toBe(201);
  const v4 = randomUUID();
  expect((await create(ann, v4)).body).toMatchObject({ code: 'bad-request', field: 'id' });
  expect((await post(ann, circle, { id: v4 })).body).toMatchObject({ field: 'id' });
  const stream = await ann.call(`PUT ${path}/streams/${v4}`, { name: 'x' });
  expect(stream.body).toMatchObject({ code: 'bad-request', field: 'id' });
  const upper = uuid7().toUpperCase();
  expect((await create(ann, upper)).body).toMatchObject({ code: 'bad-request', field: 'id' });
});

it('the owner may what members may not, and may not what is theirs [H3]', async ({ url }) => {
  const { ann, ben, cleo, circle, path } = await meeting(url);
  const [hers, his] = [uuid7(), uuid7()];
  await post(ann, circle, { id: hers });
  await post(ben, circle, { id: his });
  const message = (person: Person, way: 'PATCH' | 'DELETE', id: string) =>
    person
      .call(`${way} ${messagesOf(circle)}/${id}`, way === 'PATCH' ? { text: 'x' } : undefined)
      .then(({ status }) => status);
  const owners: readonly (readonly [string, object?])[] = [
    [`PUT ${path}/streams/${uuid7()}`, { name: 'x' }],
    [`PATCH ${path}`, { name: 'Coffee' }],
    [`PATCH ${path}/streams/${circle}`, { name: 'x' }],
    [`DELETE ${path}/streams/${circle}`],
    [`POST ${path}/invites`, {}],
    [`DELETE ${path}/invites/abcdefghijkl`],
    [`DELETE ${path}/members/${ann.id}`],
    [`DELETE ${path}`],
  ];
  for (const person of [ben, cleo]) {
    for (const [request, body] of owners) {
      expect([request, (await person.call(request, body)).status]).toEqual([request, 403]);
    }
  }
  expect(await message(ben, 'PATCH', hers)).toBe(403);
  expect(await message(ben, 'DELETE', hers)).toBe(403);
  expect(await message(ann, 'PATCH', his)).toBe(403);
  expect(await message(ben, 'PATCH', his)).toBe(200);
  expect(await message(ann, 'DELETE', his)).toBe(204);
  expect(await message(ann, 'DELETE', his)).toBe(204);
  const left = await ann.call(`DELETE ${path}/members/me`);
  expect(left).toMatchObject({ status: 409, body: { code: 'conflict' } });
  expect((await ann.call(`DELETE ${path}/members/${ben.id}`)).status).toBe(204);
  expect((await ann.call(`DELETE ${path}/members/${ben.id}`)).status).toBe(204);
  expect((await ann.call(`DELETE ${path}/members/${uuid7()}`)).status).toBe(404);
});

it('what was deleted is not found; archived streams refuse; replyTo must be there [H4]', async ({
  url,
}) => {
  const { ann, circle, path } = await meeting(url);
  const [id, reply] = [uuid7(), uuid7()];
  await post(ann, circle, { id });
  const answering = (name: string, replyTo: string) =>
    ann.call(`PUT ${messagesOf(circle)}/${name}`, { text: 'yes', replyTo });
  expect((await answering(uuid7(), uuid7())).body).toMatchObject({
    code: 'bad-request',
    field: 'replyTo',
  });
  expect((await answering(reply, id)).status).toBe(201);
  expect((await ann.call(`DELETE ${messagesOf(circle)}/${id}`)).status).toBe(204);
  expect((await ann.call(`PATCH ${messagesOf(circle)}/${id}`, { text: 'x' })).status).toBe(404);
  expect((await ann.call(`DELETE ${messagesOf(circle)}/${uuid7()}`)).status).toBe(404);
  const { messages = [] } = (await ann.call(`GET ${messagesOf(circle)}`)).body;
  expect(messages[0]).toEqual({
    id,
    s: `${circle}/${circle}`,
    m: 1,
    n: 2,
    at: messages[0]?.at,
    by: ann.id,
    deleted: true,
  });
  expect(messages[1]).toMatchObject({ id: reply, replyTo: id });

  await ann.call(`PATCH ${path}/streams/${circle}`, { archived: true });
  expect((await post(ann, circle)).body.code).toBe('archived');
  expect((await post(ann, circle, { id: reply })).status).toBe(200);
  expect((await ann.call(`DELETE ${messagesOf(circle)}/${reply}`)).body.code).toBe('archived');
  expect((await ann.call(`PUT ${path}/streams/${circle}/read`, { m: 2 })).status).toBe(200);
  expect((await ann.call(`PATCH ${path}/streams/${circle}`, { archived: false })).status).toBe(200);
  expect((await ann.call(`DELETE ${path}/streams/${circle}`)).status).toBe(204);
  expect((await ann.call(`DELETE ${path}/streams/${circle}`)).status).toBe(204);
  expect((await post(ann, circle)).body.code).toBe('not-found');
  expect((await ann.call(`GET ${messagesOf(circle)}`)).body.code).toBe('not-found');
  expect((await ann.call(`DELETE ${path}`)).status).toBe(204);
  expect((await ann.call(`DELETE ${path}`)).status).toBe(204);
  expect((await ann.call(`GET ${path}`)).body.code).toBe('not-found');
});
