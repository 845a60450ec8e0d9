import { expect } from 'vitest';
import { circleAggregate, streamAggregate } from '../../src/events/aggregate.ts';
import { type CircleId, type StreamId, type UserId, uuid7 } from '../../src/events/ids.ts';
import { eventsOf, replay } from '../support/checkers/replayed-log.ts';
import { runCommand } from '../support/fixtures/commands.ts';
import { appendEarlier, earlier } from '../support/fixtures/earlier-log.ts';
import {
  call,
  makeCircle,
  messagesOf,
  type Person,
  post,
  register,
  registerAll,
} from '../support/fixtures/server-people.ts';
import { TestSocket } from '../support/fixtures/server-socket.ts';
import {
  type ServerStage,
  testOnEngines,
  testOnOwnStages,
} from '../support/fixtures/server-stage.ts';
import { auditPages } from '../support/generators/audit-play.ts';

const it = testOnEngines();
const itAlone = testOnOwnStages();
const manyRuns = { timeout: 300_000 };

const reacting = (person: Person, circle: string, message: string) => {
  const path = (emoji: string) =>
    `${messagesOf(circle)}/${message}/reactions/${encodeURIComponent(emoji)}`;
  return {
    add: async (emoji: string) => (await person.call(`PUT ${path(emoji)}`)).status,
    remove: async (emoji: string) => (await person.call(`DELETE ${path(emoji)}`)).status,
    seen: async () => {
      const { body } = await person.call(`GET ${messagesOf(circle)}/${message}`);
      return body.message?.reactions;
    },
  };
};

it('an emoji with and without U+FE0F is one reaction, over HTTP and on the socket [H6]', async ({
  url,
}) => {
  const ann = await register(url);
  const circle = await makeCircle(ann);
  const id = uuid7();
  await post(ann, circle, { id });
  const { add, remove, seen } = reacting(ann, circle, id);
  expect(await add('👍\uFE0F')).toBe(201);
  expect(await add('👍')).toBe(200);
  expect(await seen()).toEqual({ '👍': { count: 1, me: true } });
  const socket = await TestSocket.greet(url, ann);
  const s = `${circle}/${circle}`;
  expect(await socket.command('react', { s, id, emoji: '❤\u200D🔥' })).toMatchObject({ t: 'ok' });
  expect(await socket.command('unreact', { s, id, emoji: '👍\uFE0F' })).toMatchObject({ t: 'ok' });
  expect(await seen()).toEqual({ '❤️‍🔥': { count: 1, me: true } });
  for (const emoji of ['a\uFE0F', '1\uFE0F', '\uFE0F', '#\uFE0F']) {
    expect(await add(emoji)).toBe(400);
    // What cannot be there is not there.
    expect(await remove(emoji)).toBe(204);
  }
  expect(await socket.command('react', { s, id, emoji: 'a\uFE0F' })).toMatchObject({
    ...{ t: 'err', code: 'bad-request', field: 'emoji' },
  });
  socket.close();
});

it('what cannot be seen is no message, and no name; a name turns no sentence round [H6]', async ({
  url,
}) => {
  const ann = await register(url);
  const circle = await makeCircle(ann);
  expect((await post(ann, circle, { text: '\u200b\u2060' })).body).toMatchObject({
    ...{ code: 'bad-request', field: 'text', detail: expect.stringContaining('visible') },
  });
  const circlePath = `/v1/circles/${circle}`;
  for (const bad of ['\u200b\u200b', 'ada\u202e', 'a\nb', 'ad\u200da']) {
    for (const [request, field] of [
      ['PATCH /v1/me', 'displayName'],
      [`PATCH ${circlePath}`, 'name'],
      [`PATCH ${circlePath}/members/me/data`, 'nickname'],
      [`PATCH ${circlePath}/streams/${circle}`, 'name'],
      [`PUT ${circlePath}/streams/${uuid7()}`, 'name'],
    ] as const) {
      const { status, body } = await ann.call(request, { [field]: bad });
      expect([status, body.code, body.field], `${request} ${bad}`).toEqual([
        ...[400, 'bad-request', field],
      ]);
    }
  }
  const nickname = 'می\u200cخواهم 👩‍👩‍👧';
  const set = await ann.call(`PATCH ${circlePath}/members/me/data`, { nickname });
  expect(set.body).toMatchObject({ nickname });
});

it('a password is one in every form that keyboards give it [H6] [W1]', async ({ url }) => {
  const [composed, decomposed] = ['gültiges\u00a0wort', 'gu\u0308ltiges wort'];
  const username = `pia-${uuid7().slice(-12)}`;
  const enter = async (path: string, password: string) =>
    call(url, `POST /v1/${path}`, { body: { username, password } });
  const registered = await enter('users', composed);
  expect(registered.status).toBe(201);
  for (const password of [composed, decomposed]) {
    expect((await enter('sessions', password)).status).toBe(201);
    const socket = await TestSocket.open(url);
    const answer = await socket.ask({ t: 'hello', v: 1, username, password });
    expect(answer).toMatchObject({ t: 'ok', d: { user: { username } } });
    socket.close();
  }
  const { token } = registered.body;
  const body = { password: decomposed, newPassword: decomposed.replace('wort', 'ku\u0308che') };
  expect((await call(url, 'PUT /v1/me/password', { token, body })).status).toBe(204);
  expect((await enter('sessions', 'gültiges küche')).status).toBe(201);
  expect((await enter('sessions', composed)).status).toBe(401);
  // Eight code points of which three are marks, which NFC puts into their letters.
  expect((await enter('users', 'a\u0308o\u0308u\u0308xy')).body).toMatchObject({
    ...{ code: 'bad-request', field: 'password' },
  });
});

const verify = async ({ env }: ServerStage): Promise<object> => {
  const { code, stdout, stderr } = await runCommand(['verify', '--json'], env);
  if (stderr !== '') throw new Error(`oshi verify: ${stderr}`);
  return { code, findings: JSON.parse(stdout).findings };
};

itAlone(
  'reactions that an earlier version kept in several forms are one, and can be taken back [H6]',
  async ({ stage, url }) => {
    const [ann, ben] = (await registerAll(url, ['ann', 'ben'])) as [Person, Person];
    const circle = await makeCircle(ann, [ben]);
    const [s, id] = [`${circle}/${circle}`, uuid7()];
    await post(ann, circle, { id });
    const added = (who: Person, emoji: string) => earlier(who.id, 'reaction-added', { id, emoji });
    const inStream = [
      ...[added(ann, '👍'), added(ann, '👍\uFE0F'), added(ben, '👍\uFE0F')],
      ...[added(ann, '❤\uFE0F'), added(ben, '❤'), added(ben, 'a\uFE0F')],
      earlier(ann.id, 'reaction-removed', { id, emoji: '❤\uFE0F', last: true }),
    ];
    await (await stage.server()).stop();
    const stream = streamAggregate(circle as CircleId, circle as StreamId);
    await appendEarlier(stage.env, stream, inStream);
    await stage.restart();
    const [hers, his] = [reacting(ann, circle, id), reacting(ben, circle, id)];
    const others = { '❤️': { count: 1, me: false }, 'a\uFE0F': { count: 1, me: false } };
    expect(await hers.seen()).toEqual({ '👍': { count: 2, me: true }, ...others });
    const own = { '❤️': { count: 1, me: true }, 'a\uFE0F': { count: 1, me: true } };
    // Hers count twice to others, until she takes them back.
    expect(await his.seen()).toEqual({ '👍': { count: 3, me: true }, ...own });
    expect(await verify(stage)).toEqual({ code: 0, findings: [] });

    const socket = await TestSocket.greet(url, ben);
    await socket.subscribe(s);
    expect([await hers.add('👍'), await hers.add('👍\uFE0F')]).toEqual([200, 200]);
    expect(await hers.remove('👍')).toBe(204);
    expect(await hers.seen()).toEqual({ '👍': { count: 1, me: false }, ...others });
    expect(await his.seen()).toEqual({ '👍': { count: 1, me: true }, ...own });
    expect(await his.remove('👍')).toBe(204);
    expect(await his.remove('a\uFE0F')).toBe(204);
    expect(await hers.add('❤')).toBe(201);
    expect(await hers.seen()).toEqual({ '❤️': { count: 2, me: true } });

    const stored = eventsOf(await replay(stage.env, ['--stream', circle]), s).slice(2);
    const emojis = stored.map(({ d }) => d.emoji);
    expect(emojis.slice(0, 7)).toEqual(inStream.map(({ d }) => 'emoji' in d && d.emoji));
    const last = stored.at(-1)?.n ?? 0;
    await socket.event(s, last);
    expect(socket.events(s).map(({ k, d }) => [k, 'emoji' in d && d.emoji])).toEqual([
      ['reaction-removed', '👍'],
      ['reaction-removed', '👍'],
      ['reaction-removed', '👍'],
      ['reaction-removed', 'a\uFE0F'],
      ['reaction-added', '❤️'],
    ]);
    socket.close();
    const entries = await auditPages(ann, circle, { kind: 'reaction-added', order: 'asc' });
    expect(entries.map(({ after }) => after)).toEqual(
      ['👍', '👍\uFE0F', '👍\uFE0F', '❤\uFE0F', '❤', 'a\uFE0F', '❤\uFE0F'].map((emoji) => ({
        emoji,
      })),
    );

    const words = ['rebuild', '--all', '--expect-same', '--json'];
    const rebuilt = await runCommand(words, stage.env);
    expect([rebuilt.code, rebuilt.stderr]).toEqual([0, '']);
    expect(await verify(stage)).toEqual({ code: 0, findings: [] });
    await (await stage.server()).kill();
    await stage.restart();
    expect(await hers.seen()).toEqual({ '❤️': { count: 2, me: true } });
    expect([await hers.remove('❤'), await his.remove('❤\uFE0F')]).toEqual([204, 204]);
    expect(await his.seen()).toEqual({});
  },
  manyRuns,
);

itAlone(
  'names that an earlier version took are read and shown, and can be changed [H6]',
  async ({ stage, url }) => {
    const [ann, ben] = (await registerAll(url, ['ann', 'ben'])) as [Person, Person];
    const circle = await makeCircle(ann, [ben]);
    const nickname = 'eve\u202e';
    const user = ben.id as UserId;
    const inCircle = [
      earlier(ben.id, 'member-data-changed', { user, nickname }),
      earlier(ann.id, 'circle-updated', { name: '\u200b\u200b' }),
    ];
    await (await stage.server()).stop();
    await appendEarlier(stage.env, circleAggregate(circle as CircleId), inCircle);
    await stage.restart();
    const { body } = await ann.call(`GET /v1/circles/${circle}/members`);
    expect(body.members).toContainEqual(expect.objectContaining({ nickname }));
    expect((await ann.call(`GET /v1/circles/${circle}`)).body.circle?.name).toBe('\u200b\u200b');
    expect(await verify(stage)).toEqual({ code: 0, findings: [] });
    const table = await runCommand(['audit', '--circle', circle], stage.env);
    expect([table.code, table.stderr]).toEqual([0, '']);
    expect(table.stdout).not.toContain('\u202e');
    const changed = await ann.call(`PATCH /v1/circles/${circle}`, { name: 'Tea again' });
    expect(changed.body.circle?.name).toBe('Tea again');
  },
  manyRuns,
);

itAlone(
  'no command prints raw what people wrote, as a table or as JSON, which stays what it is',
  async ({ stage, url }) => {
    const ann = await register(url);
    const circle = await makeCircle(ann);
    const text = 'a\u007f\u009b31m\u0085b\u202e\u2028';
    const about = 'c\u009b\u202e';
    await post(ann, circle, { text });
    await ann.call(`PATCH /v1/circles/${circle}`, { about });
    const at = new Date().toISOString();
    const commands = [
      ['replay'],
      ['audit', '--circle', circle],
      ['audit', '--circle', circle, '--json'],
      ['audit', '--circle', circle, '--csv'],
      ['at', circle, at],
      ['at', circle, at, '--json'],
      ['at', `${circle}/${circle}`, at, '--json'],
      ['rows', 'messages', '--json'],
      ['rows', 'messages'],
      ['rows', 'circles', '--json'],
    ];
    for (const words of commands) {
      const { code, stdout, stderr } = await runCommand(words, stage.env);
      expect([code, stderr], words.join(' ')).toEqual([0, '']);
      expect(stdout.replace(/\r\n|\n|^\ufeff/g, ''), words.join(' ')).not.toMatch(
        /[\p{Cc}\u2028\u202e]/u,
      );
    }
    const rows = await runCommand(['rows', 'messages', '--json'], stage.env);
    expect(JSON.parse(rows.stdout)).toMatchObject({ text });
  },
  manyRuns,
);
