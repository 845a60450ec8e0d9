import { expect } from 'vitest';
import { uuid7 } from '../../src/events/ids.ts';
import { type Answered, frameJudge, httpJudge } from '../support/checkers/described.ts';
import {
  call,
  type HttpAnswer,
  messagesOf,
  password,
  register,
} from '../support/fixtures/server-people.ts';
import { TestSocket } from '../support/fixtures/server-socket.ts';
import { testOnEngines } from '../support/fixtures/server-stage.ts';

const it = testOnEngines();
/** Both tests ask for everything, one thing after the other. */
const patient = { timeout: 120_000 };

const documentAt = async (url: string): Promise<object> =>
  JSON.parse((await call(url, 'GET /openapi.json')).text) as object;

const answered = (request: string, { status, headers, text }: HttpAnswer): Answered => {
  const mediaType = (headers.get('content-type') ?? '').split(';', 1).join('');
  return { request, status, mediaType, text };
};

/** A request and its body. */
type Doing = readonly [string, object?];

/** What somebody may ask about themselves and their circles. */
const aboutCircles = (circle: string, other: string, code: string): Doing[] => {
  const path = `/v1/circles/${circle}`;
  return [
    ['GET /v1/server'],
    ['GET /v1/me'],
    ['PATCH /v1/me', { displayName: 'Ann', about: 'me', avatar: 'https://example.org/a.png' }],
    ['PUT /v1/me/password', { password: 'wrong', newPassword: 'another one' }],
    ['GET /v1/sessions?limit=1'],
    [`DELETE /v1/sessions/${uuid7()}`],
    ['DELETE /v1/sessions/others'],
    [`GET /v1/users/${other}`],
    [`GET /v1/users?ids=${other}`],
    ['GET /v1/users?ids='],
    ['GET /v1/users?username=nobody-at-all'],
    [`PUT ${path}`, { name: 'Tea', visibility: 'public', about: 'leaves' }],
    [`PUT ${path}`, { name: 'Tea', visibility: 'public' }],
    [`PUT ${path}`, { name: '' }],
    [`PATCH ${path}`, { about: 'hot' }],
    [`GET ${path}`],
    ['GET /v1/circles?limit=1'],
    ['GET /v1/circles?directory=public&q=tea'],
    [`PUT ${path}/members/me`, {}],
    [`GET ${path}/members`],
    [`PATCH ${path}/members/me/data`, { nickname: 'A', data: { theme: 'dark' } }],
    [`GET ${path}/members/me/data`],
    [`GET ${path}/presence`],
    [`POST ${path}/invites`, { maxUses: 2 }],
    [`GET ${path}/invites`],
    [`GET /v1/invites/${code}`],
    ['GET /v1/invites/nothing-like-it'],
    [`PUT /v1/directs/${other}`, {}],
    ['GET /v1/directs'],
  ];
};

/** What somebody may ask about streams and messages, and then to end all of it. */
const inStreams = (circle: string, other: string): Doing[] => {
  const [stream, message, gone] = [uuid7(), uuid7(), uuid7()];
  const path = `/v1/circles/${circle}`;
  const messages = messagesOf(circle);
  return [
    [`PUT ${path}/streams/${stream}`, { name: 'news', topic: 'new' }],
    [`PATCH ${path}/streams/${stream}`, { archived: true }],
    [`PUT ${path}/streams/${stream}/messages/${uuid7()}`, { text: 'no' }],
    [`GET ${path}/streams`],
    [`PUT ${messages}/${message}`, { text: 'hello @nobody' }],
    [`PUT ${messages}/${gone}`, { text: 'oops', replyTo: message }],
    [`PATCH ${messages}/${message}`, { text: 'hi' }],
    [`GET ${messages}/${message}`],
    [`GET ${messages}/${message}/edits`],
    [`PUT ${messages}/${message}/reactions/${encodeURIComponent('👍')}`, {}],
    [`PUT ${messages}/${message}/reactions/x`, {}],
    [`PUT ${messages}/${message}/pin`, {}],
    [`GET ${path}/streams/${circle}/pins`],
    [`DELETE ${messages}/${gone}`],
    [`GET ${messages}`],
    [`GET ${messages}?before=1&after=1`],
    ['GET /v1/unread'],
    [`PUT ${path}/streams/${circle}/read`, { m: 1 }],
    [`DELETE ${messages}/${message}/reactions/${encodeURIComponent('👍')}`],
    [`DELETE ${messages}/${message}/pin`],
    [`DELETE ${path}/invites/mine`],
    [`DELETE ${path}/streams/${stream}`],
    [`GET ${path}/streams/${stream}/messages`],
    [`DELETE ${path}/members/me`],
    [`GET ${path}/audit`],
    [`GET ${path}/projections`],
    [`GET ${path}?at=2`],
    [`GET ${path}?at=0`],
    [`GET ${path}?at=then`],
    [`GET ${path}/members?at=2`],
    [`GET ${path}/streams?at=3`],
    [`GET ${messages}?at=3`],
    [`DELETE ${path}/members/${other}`],
    [`DELETE ${path}`],
    ['PUT /v1/me/password', { password, newPassword: 'another one' }],
    ['GET /healthz'],
    ['GET /readyz'],
    ['GET /metrics'],
    ['GET /asyncapi.json'],
    ['GET /docs/socket'],
    ['GET /v1/connect'],
  ];
};

it(
  'every answer over HTTP is what /openapi.json says, and every route answers',
  async ({ url }) => {
    const document = await documentAt(url);
    const { judge, seen } = httpJudge(document);
    const [ann, ben] = [await register(url), await register(url, 'ben')];
    const wrong: (string | undefined)[] = [];
    const say = async (request: string, body?: unknown): Promise<HttpAnswer> => {
      const answer = await ann.call(request, body);
      wrong.push(judge(answered(request, answer)));
      return answer;
    };
    const made = `joined-${uuid7().slice(-12)}`;
    for (const path of ['/v1/users', '/v1/users', '/v1/sessions']) {
      await say(`POST ${path}`, { username: made, password });
    }
    await say('POST /v1/sessions', { username: made, password: 'wrong' });
    const circle = uuid7();
    const code = async () => {
      const id = uuid7();
      await ben.call(`PUT /v1/circles/${id}`, { name: 'Ben', visibility: 'private' });
      const { body } = await ben.call(`POST /v1/circles/${id}/invites`, {});
      return body.invite?.code ?? '';
    };
    let invite = '';
    const doings = [...aboutCircles(circle, ben.id, await code()), ...inStreams(circle, ben.id)];
    for (const [request, body] of doings) {
      const answer = await say(request.replace('/mine', `/${invite}`), body);
      invite = answer.body.invite?.code ?? invite;
      if (request === 'GET /v1/directs') await ben.call(`PUT /v1/circles/${circle}/members/me`, {});
    }
    await say('GET /openapi.json');
    expect(wrong.filter((each) => each !== undefined)).toEqual([]);
    const { paths } = document as { paths: Record<string, object> };
    const all = Object.entries(paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const unheard = all.filter((route) => !seen.has(route));
    // A circle's owner cannot leave it, and a plain GET is no socket.
    expect(unheard).toEqual(['DELETE /v1/circles/{circle}/members/me', 'GET /v1/connect']);
  },
  patient,
);

type Command = readonly [op: string, d: object];

/** Every command that somebody may give about a circle of their own with somebody else in it; then how it ends. */
const commandsIn = (circle: string, ben: { id: string; username: string }) => {
  const s = `${circle}/${circle}`;
  const [message, stream] = [uuid7(), uuid7()];
  const post = { s, id: message, text: `hello @${ben.username}` };
  const said: Command[] = [
    ['update-profile', { about: 'me' }],
    ['update-circle', { id: circle, about: 'leaves' }],
    ['set-member-data', { circle, nickname: 'A', data: { x: 1 } }],
    ['create-invite', { circle }],
    ['open-direct', { user: ben.id }],
    ['create-stream', { circle, id: stream, name: 'news' }],
    ['update-stream', { s: `${circle}/${stream}`, archived: true }],
    ['update-stream', { s: `${circle}/${stream}`, archived: false, topic: 'x' }],
    ['post-message', post],
    ['edit-message', { s, id: message, text: 'hi' }],
    ['react', { s, id: message, emoji: '👍' }],
    ['unreact', { s, id: message, emoji: '👍' }],
    ['pin', { s, id: message }],
    ['unpin', { s, id: message }],
    ['mark-read', { s, m: 1 }],
    ['post-message', { s: `${circle}/${stream}`, id: uuid7(), text: 'elsewhere' }],
  ];
  const ends: Command[] = [
    ['delete-stream', { s: `${circle}/${stream}` }],
    ['delete-message', { s, id: message }],
    ['edit-message', { s, id: message, text: 'never' }],
    ['no-such-thing', {}],
    ['remove-member', { circle, user: ben.id }],
  ];
  return { said, ends };
};

it(
  'every frame from the server is what /asyncapi.json says',
  async ({ url }) => {
    const judge = frameJudge(JSON.parse((await call(url, 'GET /asyncapi.json')).text) as object);
    const [ann, ben] = [await register(url), await register(url, 'ben')];
    const [mine, his] = [await TestSocket.open(url), await TestSocket.open(url)];
    const asked = new Map<string, string>();
    const ask = (socket: TestSocket, name: string, frame: object) => {
      const id = `${name}.${asked.size}`;
      asked.set(id, name);
      socket.send({ id, ...frame });
      return socket.until((answer) => answer.id === id);
    };
    const { username } = ann;
    await ask(mine, 'hello', { t: 'hello', v: 1, username, password });
    await ask(his, 'hello', { t: 'hello', v: 1, token: ben.token });
    const command = (op: string, d: object) => ask(mine, op, { t: 'cmd', op, d });
    const circle = uuid7();
    const s = `${circle}/${circle}`;
    const { said, ends } = commandsIn(circle, ben);
    await mine.subscribe('me');
    await command('create-circle', { id: circle, name: 'Tea', visibility: 'public' });
    await ask(his, 'join-circle', { t: 'cmd', op: 'join-circle', d: { circle } });
    for (const socket of [mine, his]) for (const name of [circle, s]) await socket.subscribe(name);
    await his.subscribe('me');
    his.send({ t: 'sig', s, k: 'typing' });
    for (const [op, d] of said) await command(op, d);
    await his.until(({ t }) => t === 'activity');
    for (const [op, d] of ends) await command(op, d);
    await ask(mine, 'get', { t: 'get', s });
    await mine.subscribe(s, { last: 1 });
    await mine.subscribe('me');
    await ann.call('PUT /v1/me/password', { password, newPassword: 'another one' });
    await Promise.all([mine.closed, his.until(({ t, s: of }) => t === 'end' && of === s)]);
    const heard = [...mine.frames, ...his.frames];
    const wrong = heard.map((frame) => judge(frame, asked.get(frame.id ?? '')));
    expect(wrong.filter((each) => each !== undefined)).toEqual([]);
    const kinds = new Set(heard.map(({ t }) => t));
    expect([...kinds]).toEqual(
      expect.arrayContaining([
        'ok',
        'err',
        'reset',
        'live',
        'events',
        'activity',
        'end',
        'sig',
        'bye',
      ]),
    );
  },
  patient,
);
