import { expect } from 'vitest';
import { uuid7 } from '../../src/events/ids.ts';
import {
  everybodySees,
  makeCircle,
  type Person,
  post,
  registerAll,
} from '../support/fixtures/server-people.ts';
import { TestSocket } from '../support/fixtures/server-socket.ts';
import { testOnEngines } from '../support/fixtures/server-stage.ts';

const it = testOnEngines();

type Asked = readonly (readonly [string, object?])[];

/** Every request that names a circle, but its creation, which must tell that an id is taken. */
const requestsOf = (
  circle: string,
  { other, message }: { other: string; message: string },
): Asked => {
  const path = `/v1/circles/${circle}`;
  const stream = `${path}/streams/${circle}`;
  return [
    [`GET ${path}`],
    [`PATCH ${path}`, { name: 'Coffee' }],
    [`DELETE ${path}`],
    [`PUT ${path}/members/me`, {}],
    [`PUT ${path}/members/me`, { invite: 'abcdefghijkl' }],
    [`DELETE ${path}/members/me`],
    [`GET ${path}/members`],
    [`GET ${path}/members/me/data`],
    [`PATCH ${path}/members/me/data`, { nickname: 'x' }],
    [`GET ${path}/invites`],
    [`DELETE ${path}/members/${other}`],
    [`POST ${path}/invites`, {}],
    [`DELETE ${path}/invites/abcdefghijkl`],
    [`GET ${path}/presence`],
    [`GET ${path}/streams`],
    [`PUT ${path}/streams/${message}`, { name: 'x' }],
    [`PATCH ${stream}`, { name: 'x' }],
    [`PATCH ${stream}`, { archived: true }],
    [`DELETE ${stream}`],
    [`GET ${stream}/messages`],
    [`GET ${stream}/pins`],
    [`GET ${stream}/messages/${message}/edits`],
    [`GET ${stream}/messages/${message}`],
    [`PUT ${stream}/messages/${message}`, { text: 'x' }],
    [`PATCH ${stream}/messages/${message}`, { text: 'x' }],
    [`DELETE ${stream}/messages/${message}`],
    [`PUT ${stream}/messages/${message}/reactions/%F0%9F%91%8D`],
    [`DELETE ${stream}/messages/${message}/reactions/%F0%9F%91%8D`],
    [`PUT ${stream}/messages/${message}/pin`],
    [`DELETE ${stream}/messages/${message}/pin`],
    [`PUT ${stream}/read`, { m: 1 }],
  ];
};

/** Every frame that names a circle or a stream. */
const framesOf = (circle: string, { other, message }: { other: string; message: string }) => {
  const s = `${circle}/${circle}`;
  const cmd = (op: string, d: object) => ({ t: 'cmd', op, d });
  return [
    { t: 'sub', s: circle },
    { t: 'sub', s },
    { t: 'sub', s, after: 1, epoch: 'x' },
    { t: 'unsub', s },
    { t: 'get', s },
    cmd('update-circle', { id: circle, name: 'Coffee' }),
    cmd('delete-circle', { id: circle }),
    cmd('join-circle', { circle }),
    cmd('join-circle', { circle, invite: 'abcdefghijkl' }),
    cmd('leave-circle', { circle }),
    cmd('remove-member', { circle, user: other }),
    cmd('set-member-data', { circle, data: 1 }),
    cmd('create-invite', { circle }),
    cmd('revoke-invite', { circle, code: 'abcdefghijkl' }),
    cmd('create-stream', { circle, id: message, name: 'x' }),
    cmd('update-stream', { s, name: 'x' }),
    cmd('delete-stream', { s }),
    cmd('post-message', { s, id: message, text: 'x' }),
    cmd('edit-message', { s, id: message, text: 'x' }),
    cmd('delete-message', { s, id: message }),
    ...['react', 'unreact'].map((op) => cmd(op, { s, id: message, emoji: '👍' })),
    ...['pin', 'unpin'].map((op) => cmd(op, { s, id: message })),
    cmd('mark-read', { s, m: 1 }),
  ];
};

type Named = { readonly circle: string; readonly other: string; readonly message: string };

/** All that an outsider is answered about a circle, byte by byte but for the circle's own id. */
const heardOf = async (person: Person, url: string, named: Named): Promise<string[]> => {
  const blot = (text: string) => text.replaceAll(named.circle, '<circle>');
  const heard: string[] = [];
  for (const [request, body] of requestsOf(named.circle, named)) {
    const { status, headers, text } = await person.call(request, body);
    const told = [...headers].filter(([name]) => name !== 'date' && name !== 'keep-alive');
    heard.push(blot(JSON.stringify([request, status, told, text])));
  }
  const socket = await TestSocket.greet(url, person);
  for (const frame of framesOf(named.circle, named)) await socket.ask(frame);
  heard.push(...socket.frames.slice(1).map((frame) => blot(JSON.stringify(frame))));
  socket.close();
  return heard;
};

it('a private circle looks like none to an outsider, on every route and frame [H1]', async ({
  url,
}) => {
  const [ann, ben, cleo] = (await registerAll(url, ['ann', 'ben', 'cleo'])) as [
    Person,
    Person,
    Person,
  ];
  const circle = await makeCircle(ann, [], 'private');
  const message = uuid7();
  await post(ann, circle, { id: message });
  const { body } = await ann.call(`POST /v1/circles/${circle}/invites`, {});
  await ben.call(`PUT /v1/circles/${circle}/members/me`, { invite: body.invite?.code });
  const named = { other: ann.id, message };
  const none = await heardOf(cleo, url, { ...named, circle: uuid7() });
  expect(await heardOf(cleo, url, { ...named, circle })).toEqual(none);
  expect(none.some((text) => /"status":2\d\d|"t":"ok","id":"[^"]+","d"/.test(text))).toBe(false);

  // It looks the same to who was a member, and to everybody once it is gone.
  await ann.call(`DELETE /v1/circles/${circle}/members/${ben.id}`);
  // What is refused by right is refused at once; the circle itself is read, and gone when everybody sees it.
  const besideItself = (heard: readonly string[]) =>
    heard.filter((text) => !text.startsWith('["GET /v1/circles/<circle>",'));
  const heard = await heardOf(ben, url, { ...named, circle });
  expect(besideItself(heard)).toEqual(besideItself(none));
  expect(besideItself(none)).toHaveLength(none.length - 1);
  await everybodySees(ann);
  expect(await heardOf(ben, url, { ...named, circle })).toEqual(none);
  await ann.call(`DELETE /v1/circles/${circle}`);
  expect(await heardOf(cleo, url, { ...named, circle })).toEqual(none);
});

it('members alone read a public circle; others see it and may join [H1]', async ({ url }) => {
  const [ann, ben] = (await registerAll(url, ['ann', 'ben'])) as [Person, Person];
  const circle = await makeCircle(ann);
  const path = `/v1/circles/${circle}`;
  const outside = (await ben.call(`GET ${path}`)).body.circle;
  expect(outside).toMatchObject({ id: circle, name: 'Tea', members: 1, visibility: 'public' });
  expect(outside).not.toHaveProperty('streams');
  expect(outside).not.toHaveProperty('n');
  for (const rest of ['members', 'streams', `streams/${circle}/messages`]) {
    const answer = await ben.call(`GET ${path}/${rest}`);
    expect([rest, answer.status, answer.body.code]).toEqual([rest, 403, 'forbidden']);
  }
  const socket = await TestSocket.greet(url, ben);
  for (const s of [circle, `${circle}/${circle}`]) {
    expect((await socket.subscribe(s))[0]).toMatchObject({ t: 'err', code: 'forbidden' });
  }
  const joined = await ben.call(`PUT ${path}/members/me`, {});
  expect(joined).toMatchObject({ status: 201, body: { circle: { members: 2, streams: [{}] } } });
  expect((await ben.call(`GET ${path}/members`)).body.members).toHaveLength(2);
  socket.close();
});

it('the codes of invites are told to who may invite, and to nobody else', async ({ url }) => {
  const [ann, ben] = (await registerAll(url, ['ann', 'ben'])) as [Person, Person];
  const circle = await makeCircle(ann, [ben]);
  const [a, b] = await Promise.all([TestSocket.greet(url, ann), TestSocket.greet(url, ben)]);
  await Promise.all([a.subscribe(circle), b.subscribe(circle)]);
  const { d } = await a.command('create-invite', { circle });
  const code = d?.invite?.code ?? '';
  await a.command('revoke-invite', { circle, code });
  const isRevoked = ({ e = [] }: { e?: { k: string }[] }) =>
    e.some(({ k }) => k === 'invite-revoked');
  await Promise.all([a.until(isRevoked), b.until(isRevoked)]);
  expect(JSON.stringify(a.frames)).toContain(code);
  expect(JSON.stringify(b.frames)).not.toContain(code);
  const late = await TestSocket.greet(url, ben);
  const { d: greeting } = await late.ask({ t: 'hello', v: 1, token: ben.token });
  expect(greeting).toBeUndefined();
  const first = b.frames.find(({ id }) => id === 'q1')?.d?.epoch;
  await late.subscribe(circle, { after: 0, epoch: first });
  expect(late.events(circle).map(({ k }) => k)).toContain('invite-created');
  expect(JSON.stringify(late.frames)).not.toContain(code);
  for (const socket of [a, b, late]) socket.close();
});
