import { expect } from 'vitest';
import { uuid7 } from '../../src/events/ids.ts';
import {
  call,
  makeCircle,
  type Person,
  password,
  register,
} from '../support/fixtures/server-people.ts';
import { type Closing, TestSocket } from '../support/fixtures/server-socket.ts';
import { testOnEngines } from '../support/fixtures/server-stage.ts';

const it = testOnEngines();

const nested = (depth: number): string => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;

/** How a greeted socket ends that sends this. */
const endingOf = async (
  url: string,
  person: Person,
  send: (socket: TestSocket) => void,
): Promise<{ closing: Closing; socket: TestSocket }> => {
  const socket = await TestSocket.greet(url, person);
  send(socket);
  return { closing: await socket.closed, socket };
};

it('what is no JSON object with a string t closes with 4400 at once, without a bye [W14] [W15]', async ({
  url,
}) => {
  const ann = await register(url);
  const texts = [
    '',
    'x',
    '{',
    '{"t":"sub"',
    '[]',
    'null',
    '7',
    '"t"',
    '{}',
    '{"t":1}',
    '{"T":"x"}',
  ];
  for (const text of texts) {
    const { closing, socket } = await endingOf(url, ann, ({ socket }) => socket.send(text));
    expect([text, closing.code]).toEqual([text, 4400]);
    expect(socket.frames.map(({ t }) => t)).toEqual(['ok']);
  }
});

it('binary messages and invalid UTF-8 close with 4400, or 1007 by the library [W14]', async ({
  url,
}) => {
  const ann = await register(url);
  const binary = await endingOf(url, ann, ({ socket }) =>
    socket.send(Buffer.from('{"t":"pong","n":1}')),
  );
  expect(binary.closing.code).toBe(4400);
  for (const bytes of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xe2, 0x82]]) {
    const text = Buffer.concat([Buffer.from('{"t":"'), Buffer.from(bytes), Buffer.from('"}')]);
    const { closing } = await endingOf(url, ann, ({ socket }) =>
      socket.send(text, { binary: false }),
    );
    expect([4400, 1007]).toContain(closing.code);
  }
});

it('a frame over 64 KiB closes with 4413, one of 64 KiB does not [W14]', async ({ url }) => {
  const ann = await register(url);
  const frameOf = (bytes: number): string => {
    const start = '{"t":"unknown","id":"a","x":"';
    return `${start}${'x'.repeat(bytes - start.length - 2)}"}`;
  };
  const fits = await TestSocket.greet(url, ann);
  fits.socket.send(frameOf(65_536));
  expect(await fits.until(({ id }) => id === 'a')).toMatchObject({ t: 'err', code: 'unsupported' });
  fits.close();
  const large = await endingOf(url, ann, ({ socket }) => socket.send(frameOf(65_537)));
  expect(large.closing.code).toBe(4413);
  expect(large.socket.frames.map(({ t }) => t)).toEqual(['ok']);
  const huge = await endingOf(url, ann, ({ socket }) => socket.send('x'.repeat(2_000_000)));
  expect([4413, 1009]).toContain(huge.closing.code);
});

it('frames whose fields do not fit are bad-request with the field [W14] [W5]', async ({ url }) => {
  const ann = await register(url);
  const s = `${uuid7()}/${uuid7()}`;
  const misfits: readonly (readonly [object, string])[] = [
    [{ t: 'sub', s: 'me', extra: 1 }, 'extra'],
    [{ t: 'sub' }, 's'],
    [{ t: 'sub', s: 'you' }, 's'],
    [{ t: 'sub', s: `${s}/more` }, 's'],
    [{ t: 'sub', s: s.toUpperCase() }, 's'],
    [{ t: 'sub', s: 'me', after: 1 }, 'epoch'],
    [{ t: 'sub', s: 'me', epoch: 'e' }, 'after'],
    [{ t: 'sub', s: 'me', after: 1, epoch: 'e', last: 1 }, 'last'],
    [{ t: 'sub', s: 'me', after: -1, epoch: 'e' }, 'after'],
    [{ t: 'sub', s: 'me', after: 0.5, epoch: 'e' }, 'after'],
    [{ t: 'sub', s: 'me', last: 201 }, 'last'],
    [{ t: 'unsub' }, 's'],
    [{ t: 'get', s, limit: 0 }, 'limit'],
    [{ t: 'get', s, limit: 201 }, 'limit'],
    [{ t: 'get', s, before: 1, after: 1 }, 'after'],
    [{ t: 'get', s: 'me' }, 's'],
    [{ t: 'cmd', op: 'join-circle' }, 'd'],
    [{ t: 'cmd', op: 'join-circle', d: [] }, 'd'],
    [{ t: 'cmd', op: 7, d: {} }, 'op'],
    [{ t: 'cmd', op: 'join-circle', d: {}, key: 7 }, 'key'],
    [{ t: 'cmd', op: 'join-circle', d: { circle: uuid7(), by: ann.id } }, 'by'],
    [{ t: 'cmd', op: 'join-circle', d: {} }, 'circle'],
  ];
  const socket = await TestSocket.greet(url, ann);
  for (const [frame, field] of misfits) {
    const answer = await socket.ask(frame);
    expect([frame, answer.code, answer.field]).toEqual([frame, 'bad-request', field]);
    await socket.settled();
  }
  socket.close();
});

it('what clients must not say of events is refused as unknown [W14]', async ({ url }) => {
  const ann = await register(url);
  const circle = await makeCircle(ann);
  const s = `${circle}/${circle}`;
  const socket = await TestSocket.greet(url, ann);
  for (const own of ['by', 'at', 'n', 'm', 'mentions', '__proto__', 'constructor']) {
    const d = JSON.parse(`{"s":"${s}","id":"${uuid7()}","text":"x","${own}":1}`) as object;
    expect(await socket.command('post-message', d)).toMatchObject({
      code: 'bad-request',
      field: own,
    });
    await socket.settled();
  }
  socket.close();
});

it('prototype keys change nothing, wherever they stand [W14]', async ({ url }) => {
  const ann = await register(url);
  const circle = await makeCircle(ann);
  const socket = await TestSocket.greet(url, ann);
  const texts = [
    `{"t":"sub","id":"p","s":"me","__proto__":{"last":1}}`,
    `{"t":"cmd","id":"p","op":"__proto__","d":{}}`,
    `{"t":"cmd","id":"p","op":"constructor","d":{}}`,
    `{"t":"__proto__","id":"p"}`,
    `{"t":"cmd","id":"p","op":"join-circle","d":{"__proto__":{"circle":"${circle}"}}}`,
  ];
  for (const text of texts) {
    const from = socket.frames.length;
    socket.socket.send(text);
    const answer = await socket.until(({ id }) => id === 'p', from);
    expect([text, answer.t]).toEqual([text, 'err']);
    expect(['bad-request', 'unsupported']).toContain(answer.code);
    await socket.settled();
  }
  const raw = `{"name":"x","__proto__":{"visibility":"public"}}`;
  const made = await call(url, `PUT /v1/circles/${uuid7()}`, { token: ann.token, raw });
  expect(made).toMatchObject({ status: 400, body: { code: 'bad-request' } });
  socket.close();
});

it('a third misfit in a row closes with 4400; unknown t and op do not count [W14]', async ({
  url,
}) => {
  const ann = await register(url);
  const socket = await TestSocket.greet(url, ann);
  const misfit = () => socket.ask({ t: 'sub', s: 'nobody' });
  expect((await misfit()).code).toBe('bad-request');
  expect((await misfit()).code).toBe('bad-request');
  await socket.settled();
  expect((await misfit()).code).toBe('bad-request');
  expect((await socket.ask({ t: 'dance' })).code).toBe('unsupported');
  expect((await socket.command('dance', {})).code).toBe('unsupported');
  expect((await misfit()).code).toBe('bad-request');
  socket.send({ t: 'sub', id: 'third', s: 'nobody' });
  expect((await socket.closed).code).toBe(4400);
  expect(socket.frames.at(-1)).toMatchObject({ t: 'err', id: 'third' });
});

it('an id that does not fit is answered without one [W14]', async ({ url }) => {
  const ann = await register(url);
  const socket = await TestSocket.greet(url, ann);
  for (const id of [7, '', 'x'.repeat(65), null]) {
    const from = socket.frames.length;
    socket.send({ t: 'sub', id, s: 'me' });
    const answer = await socket.until(({ t }) => t === 'err', from);
    expect(answer).toMatchObject({ code: 'bad-request', field: 'id' });
    expect(answer).not.toHaveProperty('id');
    await socket.settled();
  }
  socket.close();
});

it('JSON nests up to 32 deep [W14] [H6]', async ({ url }) => {
  const ann = await register(url);
  const socket = await TestSocket.greet(url, ann);
  const answerTo = async (depth: number) => {
    const from = socket.frames.length;
    socket.socket.send(`{"t":"cmd","id":"deep","op":"unknown","d":${nested(depth)}}`);
    return (await socket.until(({ id }) => id === 'deep', from)).code;
  };
  // The frame itself is the first level, so 31 are left for what is in it.
  expect(await answerTo(31)).toBe('unsupported');
  expect(await answerTo(32)).toBe('bad-request');
  await socket.settled();
  expect(await answerTo(9000)).toBe('bad-request');
  await socket.settled();
  socket.close();
  for (const depth of [33, 9000]) {
    const answer = await call(url, `PUT /v1/circles/${uuid7()}`, {
      token: ann.token,
      raw: nested(depth),
    });
    expect(answer).toMatchObject({ status: 400, body: { code: 'bad-request' } });
  }
});

it('usernames that nobody can have are merely wrong or unknown [W1] [H6]', async ({ url }) => {
  const { token } = await register(url);
  for (const username of [' ', '>', '.', '%2A', '\u0000', 'a'.repeat(256)]) {
    const login = await call(url, 'POST /v1/sessions', { body: { username, password } });
    expect([username, login.status]).toEqual([username, 401]);
    const query = new URLSearchParams({ username });
    const found = await call(url, `GET /v1/users?${query}`, { token });
    expect([username, found.status]).toEqual([username, 404]);
  }
  expect((await call(url, `GET /v1/users/${'x'.repeat(500)}`, { token })).status).toBe(404);
});

it('so are those that no log could keep [W1] [H6]', async ({ url }) => {
  for (const username of ['\ud800', '*', '', '名'.repeat(256)]) {
    const login = await call(url, 'POST /v1/sessions', { body: { username, password } });
    expect([username, login.status]).toEqual([username, 401]);
  }
});

it('ids that no store could keep are unknown [H2]', async ({ url }) => {
  const { token } = await register(url);
  const statusOf = async (path: string) => (await call(url, `GET ${path}`, { token })).status;
  expect(await statusOf('/v1/users/')).toBe(404);
  expect(await statusOf('/v1/users?username=')).toBe(404);
  expect(await statusOf(`/v1/users?ids=${'x'.repeat(5000)}`)).toBeLessThan(500);
});
