import { expect, it } from 'vitest';
import { isUuid7, uuid7Time } from '../../../src/events/ids.ts';
import { settle } from '../../support/doubles/virtual-time.ts';
import { clientStage } from '../../support/fixtures/client-stage.ts';

const s = 'circle/stream';
const posted = { id: 'm1', n: 4, m: 3, at: 9 };

it('posts with a generated id, by the clock of the server [W8]', async () => {
  const { client, time, greet } = clientStage();
  const socket = await greet({ now: time.now() + 3_600_000 });
  socket.taken();
  const answer = client.post(s, 'hello', { replyTo: 'm0' });
  const [frame] = socket.taken();
  const id = (frame?.d as { id: string } | undefined)?.id ?? '';
  expect(frame).toEqual({
    t: 'cmd',
    id: 'r1',
    op: 'post-message',
    d: { s, id, text: 'hello', replyTo: 'm0' },
  });
  expect(isUuid7(id)).toBe(true);
  expect(uuid7Time(id)).toBe(time.now() + 3_600_000);
  socket.say({ t: 'ok', id: 'r1', d: posted });
  expect(await answer).toEqual(posted);
});

it('sends the same frame again after each reconnect until it is answered [W8]', async () => {
  const { client, greet, reconnect } = clientStage();
  const answer = client.post(s, 'hello');
  const first = (await greet()).taken().filter(({ t }) => t === 'cmd');
  expect(first).toHaveLength(1);
  for (let i = 0; i < 3; i++) expect((await reconnect()).taken()).toEqual(first);
  const socket = await reconnect();
  socket.say({ t: 'ok', id: 'r1', d: posted });
  await answer;
  expect((await reconnect()).taken()).toEqual([]);
});

it('adds a key to commands that create nothing, the same with each repeat [W8]', async () => {
  const { client, time, greet, reconnect } = clientStage();
  const answer = client.command('react', { s, id: 'm1', emoji: '👍' });
  client.command('create-circle', { id: 'c', name: 'C', visibility: 'private' }).catch(() => {});
  const [react, create] = (await greet({ now: time.now() + 600_000 }))
    .taken()
    .filter(({ t }) => t === 'cmd');
  expect(uuid7Time(react?.key as string)).toBe(time.now() + 600_000);
  expect(create).not.toHaveProperty('key');
  const socket = await reconnect();
  expect(socket.taken()).toEqual([react, create]);
  socket.say({ t: 'ok', id: 'r1' });
  expect(await answer).toBeUndefined();
  client.command('unreact', { s, id: 'm1', emoji: '👍' }, { key: 'mine' }).catch(() => {});
  expect(socket.taken()).toMatchObject([{ op: 'unreact', key: 'mine' }]);
  client.close();
});

it('sends the same frame again after retryAfter, not before [W16]', async () => {
  const { client, time, greet } = clientStage();
  const socket = await greet();
  const answer = client.post(s, 'hello');
  const [, frame] = socket.taken();
  socket.say({ t: 'err', id: 'r1', code: 'rate-limited', message: 'slow down', retryAfter: 2_000 });
  await time.advance(1_999);
  expect(socket.taken()).toEqual([]);
  await time.advance(1);
  expect(socket.taken()).toEqual([frame]);
  socket.say({ t: 'ok', id: 'r1', d: posted });
  await answer;
});

it('rejects with retryAfter if it is more than a minute [W16]', async () => {
  const { client, greet } = clientStage();
  const socket = await greet();
  const retryAfter = 3_600_000;
  const answer = client.post(s, 'hello');
  socket.say({ t: 'err', id: 'r1', code: 'rate-limited', message: 'tomorrow', retryAfter });
  await expect(answer).rejects.toMatchObject({ code: 'rate-limited', retryAfter });
});

it('keeps to retryAfter over a reconnect', async () => {
  const { client, time, greet, reconnect } = clientStage();
  const socket = await greet();
  client.post(s, 'hello').catch(() => {});
  socket.say({ t: 'err', id: 'r1', code: 'unavailable', message: 'later', retryAfter: 9_000 });
  const next = await reconnect();
  expect(next.taken()).toEqual([]);
  await time.advance(9_000);
  expect(next.taken()).toMatchObject([{ id: 'r1', op: 'post-message' }]);
  client.close();
});

it('rejects with a final error of the server', async () => {
  const { client, greet } = clientStage();
  const socket = await greet();
  const answer = client.command('edit-message', { s, id: 'm1', text: ' ' });
  socket.say({ t: 'err', id: 'r1', code: 'bad-request', message: 'an empty text', field: 'text' });
  await expect(answer).rejects.toMatchObject({
    name: 'OshiError',
    code: 'bad-request',
    message: 'an empty text',
    field: 'text',
  });
});

it('keeps the order within a lane, without delaying others', async () => {
  const { client, time, greet } = clientStage();
  const socket = await greet();
  socket.taken();
  const texts = () => socket.taken().map(({ d }) => (d as { text: string }).text);
  const answers = [client.post(s, 'a'), client.post(s, 'b'), client.post('circle/other', 'c')];
  expect(texts()).toEqual(['a', 'c']);
  socket.say({ t: 'err', id: 'r1', code: 'unavailable', message: 'later', retryAfter: 1_000 });
  socket.say({ t: 'ok', id: 'r3', d: posted });
  expect(texts()).toEqual([]);
  await time.advance(1_000);
  expect(texts()).toEqual(['a']);
  socket.say({ t: 'ok', id: 'r1', d: posted });
  expect(texts()).toEqual(['b']);
  socket.say({ t: 'ok', id: 'r2', d: posted });
  await Promise.all(answers);
});

it('continues with the next when one is refused', async () => {
  const { client, greet } = clientStage();
  const socket = await greet();
  const first = client.post(s, 'a');
  const second = client.post(s, 'b');
  socket.taken();
  socket.say({ t: 'err', id: 'r1', code: 'forbidden', message: 'no' });
  await expect(first).rejects.toMatchObject({ code: 'forbidden' });
  expect(socket.taken()).toHaveLength(1);
  socket.say({ t: 'ok', id: 'r2', d: posted });
  await second;
});

it('refuses a frame that would end the connection', async () => {
  const { client, greet } = clientStage();
  const socket = await greet();
  socket.taken();
  const long = client.post(s, 'ü'.repeat(33_000));
  const short = client.post(s, 'ok');
  await expect(long).rejects.toMatchObject({ code: 'too-large' });
  expect(socket.taken()).toMatchObject([{ d: { text: 'ok' } }]);
  socket.say({ t: 'ok', id: 'r2', d: posted });
  await short;
});

it('refuses values that are not JSON, and continues with the rest', async () => {
  const { client, greet } = clientStage();
  const socket = await greet();
  socket.taken();
  const circular: Record<string, unknown> = {};
  circular.itself = circular;
  const bad = client.command('set-member-data', { circle: 'c', data: circular });
  await expect(bad).rejects.toMatchObject({ code: 'bad-request' });
  client.post(s, 'ok').catch(() => {});
  expect(socket.taken()).toMatchObject([{ d: { text: 'ok' } }]);
  client.close();
});

it('reads history at the requested position', async () => {
  const { client, greet } = clientStage();
  const socket = await greet();
  socket.taken();
  const pages = [client.history(s), client.history(s, { before: 40, limit: 10 })];
  expect(socket.taken()).toEqual([
    { t: 'get', id: 'r1', s },
    { t: 'get', id: 'r2', s, before: 40, limit: 10 },
  ]);
  const page = { messages: [], users: [], more: { before: false, after: false } };
  socket.say({ t: 'ok', id: 'r2', d: page }, { t: 'ok', id: 'r1', d: page });
  expect(await Promise.all(pages)).toEqual([page, page]);
});

it('rejects unanswered and later requests when closed', async () => {
  const { client, greet } = clientStage();
  const socket = await greet();
  const answer = client.post(s, 'a');
  socket.shut(4403, 'somebody else');
  await expect(answer).rejects.toMatchObject({ code: 'closed', message: 'somebody else' });
  await expect(client.post(s, 'b')).rejects.toMatchObject({ code: 'closed' });
});

it('does not keep more than 1,000 requests', async () => {
  const { client } = clientStage();
  const answers = Array.from({ length: 1_001 }, (_, i) => client.post(s, `${i}`));
  await expect(answers.at(-1)).rejects.toMatchObject({ code: 'too-many' });
  for (const answer of answers) answer.catch(() => {});
  client.close();
  await settle();
});

it('renews a key, once, when the clock of the server was set [W8]', async () => {
  const { client, time, greet } = clientStage();
  const socket = await greet();
  socket.taken();
  const answer = client.command('react', { s, id: 'm1', emoji: '👍' });
  const [first] = socket.taken();
  const now = time.now() + 3 * 86_400_000;
  const refusal = { t: 'err', id: 'r1', code: 'bad-request', message: 'key', field: 'key', now };
  socket.say(refusal);
  const [second] = socket.taken();
  expect(second).toMatchObject({ id: 'r1', op: 'react', d: first?.d });
  expect(uuid7Time(second?.key as string)).toBe(now);
  expect(client.now()).toBe(now);
  socket.say({ t: 'ok', id: 'r1' });
  await answer;
  const hopeless = client.command('react', { s, id: 'm1', emoji: '👍' });
  socket.say({ ...refusal, id: 'r2' }, { ...refusal, id: 'r2' });
  await expect(hopeless).rejects.toMatchObject({ code: 'bad-request', field: 'key' });
  client.close();
});

it('does not renew the key of a command that may have been executed [W8]', async () => {
  const { client, time, greet, reconnect } = clientStage();
  await greet();
  const answer = client.command('edit-message', { s, id: 'm1', text: 'x' });
  const socket = await reconnect();
  const now = time.now() + 3 * 86_400_000;
  socket.taken();
  socket.say({ t: 'err', id: 'r1', code: 'bad-request', message: 'key', field: 'key', now });
  await expect(answer).rejects.toMatchObject({ code: 'bad-request', field: 'key' });
  expect(socket.taken()).toEqual([]);
  client.close();
});

it('does not send cancelled requests, and continues with the next in the lane [W8]', async () => {
  const { client, greet, reconnect } = clientStage();
  const cancelled = { name: 'OshiError', code: 'cancelled' };
  const [first, second] = [new AbortController(), new AbortController()];
  const circle = { id: 'c', name: 'C', visibility: 'private' } as const;
  const never = client.command('create-circle', circle, { signal: first.signal });
  first.abort();
  await expect(never).rejects.toMatchObject(cancelled);
  const socket = await greet();
  expect(socket.taken().filter(({ t }) => t === 'cmd')).toEqual([]);
  const unanswered = client.command('pin', { s, id: 'm1' }, { signal: second.signal });
  const behind = client.command('pin', { s, id: 'm2' });
  expect(socket.taken()).toMatchObject([{ op: 'pin', d: { id: 'm1' } }]);
  second.abort();
  await expect(unanswered).rejects.toMatchObject(cancelled);
  expect(socket.taken()).toMatchObject([{ op: 'pin', d: { id: 'm2' } }]);
  const again = await reconnect();
  const [repeated, ...others] = again.taken();
  expect([repeated?.d, others]).toEqual([{ s, id: 'm2' }, []]);
  again.say({ t: 'ok', id: repeated?.id as string });
  await behind;
  const late = client.command('pin', { s, id: 'm3' }, { signal: second.signal });
  await expect(late).rejects.toMatchObject(cancelled);
});

it('sends nothing in the session of another user', async () => {
  const { client, greet, states } = clientStage({ user: 'ada' });
  const refused = expect(client.post('circle/stream', 'hello')).rejects.toMatchObject({
    code: 'closed',
  });
  const socket = await greet({ user: { id: 'ben', username: 'ben', displayName: 'Ben' } });
  expect(socket.taken().filter(({ t }) => t !== 'hello')).toEqual([]);
  expect(states.at(-1)).toMatchObject({ state: 'closed', code: 4403 });
  await refused;
});
