import { expect, test } from 'vitest';
import { limits } from '../../../../src/app/limits/limits.ts';
import { uuid7 } from '../../../../src/events/ids.ts';
import { caller, edgeStage } from '../../../support/fixtures/edge-stage.ts';
import { epochMs } from '../../../support/fixtures/given.ts';
import { numbered } from '../../../support/generators/chatter.ts';

const update = (name: string) => ({ op: 'update-circle', input: { id: numbered(100), name } });
const edit = (s: string, id: string, text: string) => ({
  op: 'edit-message',
  input: { s, id, text },
});
const post = (s: string, id: string, text = 'hi') => ({
  op: 'post-message',
  input: { s, id, text },
});

test('a command is run, and its answer is what HTTP would return', async () => {
  const { send, found } = await edgeStage();
  const s = await found();
  expect(await send(post(s, numbered(7)))).toEqual({
    created: true,
    body: { id: numbered(7), n: 2, m: 1, at: epochMs },
  });
  expect(await send({ op: 'mark-read', input: { s, m: 9 } })).toEqual({
    created: false,
    body: { read: 1 },
  });
});

test('an operation that is not known, and an input that does not fit, are refused [W14]', async () => {
  const { send, length } = await edgeStage();
  for (const op of ['paint-circle', '', 'toString', '__proto__']) {
    expect(await send({ op, input: {} })).toMatchObject({ code: 'unsupported' });
  }
  expect(await send({ op: 'create-circle', input: { id: numbered(1), name: 'x' } })).toMatchObject({
    code: 'bad-request',
    field: expect.any(String),
  });
  expect(
    await send({ ...update('Tea'), input: { id: numbered(1), by: numbered(2) } }),
  ).toMatchObject({
    code: 'bad-request',
    field: 'by',
  });
  expect(await length()).toBe(0);
});

test('a creation again gives the first answer, and appends nothing [W8] [H2]', async () => {
  const { send, found, length } = await edgeStage();
  const s = await found();
  const first = await send(post(s, numbered(7)));
  const before = await length();
  expect(await send(post(s, numbered(7), 'other'))).toEqual({
    ...(first as object),
    created: false,
  });
  expect(
    await send({
      op: 'create-circle',
      input: { id: numbered(100), name: 'Other', visibility: 'private' },
    }),
  ).toMatchObject({
    created: false,
    body: { circle: { name: 'Tea', visibility: 'public' } },
  });
  expect(await length()).toBe(before);
});

test('a command under a key gets its first answer again, and appends nothing [W8]', async () => {
  const { send, found, length, key } = await edgeStage();
  const s = await found();
  await send(post(s, numbered(7)));
  const keyed = { ...edit(s, numbered(7), 'one'), key: key() };
  const first = await send(keyed);
  await send(edit(s, numbered(7), 'two'));
  const before = await length();
  expect(await send(keyed)).toEqual(first);
  expect(first).toMatchObject({ body: { message: { text: 'one' } } });
  expect(await length()).toBe(before);
});

test('the order of an input’s fields does not matter to its key [W8]', async () => {
  const { send, found, key } = await edgeStage();
  await found();
  const keyed = { op: 'update-circle', key: key() };
  await send({ ...keyed, input: { id: numbered(100), name: 'Coffee', about: 'beans' } });
  const again = await send({
    ...keyed,
    input: { about: 'beans', name: 'Coffee', id: numbered(100) },
  });
  expect(again).toMatchObject({ body: { circle: { name: 'Coffee' } } });
});

test('the same key with another operation or other data is a conflict [W8]', async () => {
  const { send, found, length, key } = await edgeStage();
  const s = await found();
  const used = key();
  await send({ ...update('Coffee'), key: used });
  const before = await length();
  const conflict = { code: 'conflict', field: 'key' };
  expect(await send({ ...update('Water'), key: used })).toMatchObject(conflict);
  expect(
    await send({ op: 'delete-circle', input: { id: numbered(100) }, key: used }),
  ).toMatchObject(conflict);
  expect(await send({ op: 'mark-read', input: { s, m: 0 }, key: used })).toMatchObject(conflict);
  expect(await length()).toBe(before);
});

test('a key is a person’s own [W8]', async () => {
  const { send, found, key } = await edgeStage();
  await found();
  const used = key();
  await send({ ...update('Coffee'), key: used });
  const join = { op: 'join-circle', input: { circle: numbered(100) }, by: caller(2), key: used };
  expect(await send(join)).toMatchObject({ created: true });
});

test('refusals are not remembered [W8]', async () => {
  const { send, found, key } = await edgeStage();
  const keyed = { ...update('Coffee'), key: key() };
  expect(await send(keyed)).toMatchObject({ code: 'not-found' });
  await found();
  expect(await send(keyed)).toMatchObject({ body: { circle: { name: 'Coffee' } } });
});

test('a key is a version 7 UUID of the last 24 hours, at most 5 minutes ahead [W8]', async () => {
  const { send, found } = await edgeStage();
  await found();
  const at = (ms: number) => send({ ...update('Tea'), key: uuid7(epochMs + ms) });
  const bad = { code: 'bad-request', field: 'key' };
  expect(await at(-limits.keyMs)).toMatchObject({ created: false });
  expect(await at(-limits.keyMs - 1)).toMatchObject(bad);
  expect(await at(limits.keyAheadMs)).toMatchObject({ created: false });
  expect(await at(limits.keyAheadMs + 1)).toMatchObject(bad);
  for (const key of [
    '',
    'key',
    '3f2504e0-4f89-41d3-9a0c-0305e82c3301',
    uuid7(epochMs).toUpperCase(),
  ]) {
    expect(await send({ ...update('Tea'), key })).toMatchObject(bad);
  }
});

test('a first answer is kept until its key has expired', async () => {
  const { send, found, key, models, time, ada } = await edgeStage();
  await found();
  const used = key();
  await send({ ...update('Coffee'), key: used });
  time.ms += limits.keyMs;
  await models.answers.purge(time.ms);
  expect(await models.answers.get(ada.user, used)).toBeDefined();
  await models.answers.purge(time.ms + 1);
  expect(await models.answers.get(ada.user, used)).toBeUndefined();
});

test('all that has expired is forgotten at once, however much was asked meanwhile', async () => {
  const { models, time } = await edgeStage();
  for (let index = 1; index <= 1200; index++) {
    await models.answers.keep({ user: 'u', key: String(index) }, { sum: '', created: false }, 1);
  }
  expect(await models.answers.purge(time.ms)).toBe(1200);
  expect(await models.answers.get('u', '1200')).toBeUndefined();
});

test('after an answer was lost, the events alone still make its command recognisable [W8]', async () => {
  const { send, found, key, store, length, ada } = await edgeStage();
  await found();
  const used = key();
  await send({ ...update('Coffee'), key: used });
  await store.remove('answers', `${ada.user}/${used}`);
  const before = await length();
  expect(await send({ ...update('Coffee'), key: used })).toMatchObject({
    body: { circle: { name: 'Coffee' } },
  });
  expect(await length()).toBe(before);
});

const invite = { op: 'create-invite', input: { circle: numbered(100), expiresIn: 1000 } };

test('an invite has one code, however often its command comes, and each its own without a key', async () => {
  const { send, found, key, length } = await edgeStage();
  await found();
  const keyed = { ...invite, key: key() };
  const before = await length();
  const [one, two] = await Promise.all([send(keyed), send(keyed)]);
  expect(await length()).toBe(before + 1);
  const codeOf = (answer: unknown) =>
    (answer as { body: { invite: { code: string } } }).body.invite.code;
  expect(codeOf(one)).toBe(codeOf(two));
  const [three, four] = [await send(invite), await send(invite)];
  expect(new Set([one, three, four].map(codeOf)).size).toBe(3);
  expect(codeOf(one).length).toBeGreaterThanOrEqual(10);
});

test('30 commands at once, then 6 a second, per person [W16]', async () => {
  const { send, found, time } = await edgeStage({ rateLimits: true });
  const s = await found();
  const many = await Promise.all(
    Array.from({ length: limits.commandsBurst }, (_, id) => send(post(s, numbered(id + 1)))),
  );
  const limited = { code: 'rate-limited', retryAfter: expect.any(Number) };
  expect(many.at(-2)).toMatchObject({ created: true });
  expect(many.at(-1)).toMatchObject(limited);
  expect(await send({ ...post(s, numbered(99)), by: caller(2) })).toMatchObject({
    code: 'forbidden',
  });
  const { retryAfter } = many.at(-1) as { retryAfter: number };
  expect(retryAfter).toBeLessThanOrEqual(Math.ceil(1000 / limits.commandsPerSecond));
  time.ms += retryAfter;
  expect(await send(post(s, numbered(50)))).toMatchObject({ created: true });
  expect(await send(post(s, numbered(51)))).toMatchObject(limited);
});

test('so many commands a day, without those that are refused or append nothing; then retryAfter is exact [W16]', async () => {
  const { send, found, time } = await edgeStage({ rateLimits: true, dailyCommands: 3 });
  const s = await found();
  const soon = () => {
    time.ms += 1000;
  };
  expect(await send({ ...post(s, numbered(1)), by: caller(2) })).toMatchObject({
    code: 'forbidden',
  });
  for (const id of [1, 2]) {
    soon();
    expect(await send({ op: 'leave-circle', input: { circle: numbered(100) } })).toMatchObject({
      code: 'conflict',
    });
    expect(await send(post(s, numbered(id)))).toMatchObject({ created: true });
  }
  soon();
  const over = (await send(post(s, numbered(3)))) as { retryAfter: number };
  expect(over).toMatchObject({ code: 'rate-limited', message: expect.stringContaining('3') });
  expect(await send({ op: 'mark-read', input: { s, m: 1 } })).toMatchObject({ body: { read: 2 } });
  expect(await send({ ...post(s, numbered(3)), by: caller(2) })).toMatchObject({
    code: 'forbidden',
  });
  time.ms += over.retryAfter - 1;
  expect(await send(post(s, numbered(3)))).toMatchObject({ retryAfter: 1 });
  time.ms += 1;
  expect(await send(post(s, numbered(3)))).toMatchObject({ created: true });
});

test('many commands at once do not exceed the quota of a day; without rates there is none', async () => {
  for (const rateLimits of [true, false]) {
    const { send, found } = await edgeStage({ rateLimits, dailyCommands: 10 });
    const s = await found();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, id) => send(post(s, numbered(id + 1)))),
    );
    const created = answers.filter((answer) => (answer as { created?: boolean }).created);
    expect(created).toHaveLength(rateLimits ? 9 : 20);
  }
});

test('what does not fit costs nothing of the rate, and commands have none where it is off', async () => {
  const limited = await edgeStage({ rateLimits: true });
  for (let left = 100; left > 0; left--) await limited.send({ op: 'leave-circle', input: {} });
  expect(await limited.found()).toBeTruthy();
  expect(await limited.send(update('Tea'))).toMatchObject({ created: false });
  const free = await edgeStage();
  const s = await free.found();
  for (let id = 1; id <= 100; id++) {
    expect(await free.send(post(s, numbered(id)))).toMatchObject({ created: true });
  }
});

test('after an answer the caller sees its effect: the position is noted [W18]', async () => {
  const { executor, ada, found, log } = await edgeStage();
  const s = await found();
  const { position } = await executor.execute({ caller: ada, ...post(s, numbered(7)) });
  expect(position).toEqual({ partition: 0, seq: await log.head(0) });
  expect(ada.seen).toEqual([position?.seq]);
});

test('@names are mentioned: the longest that is a member, else without the end of the sentence [H5]', async () => {
  const { send, found, store, log } = await edgeStage();
  const s = await found();
  const names = { 'bob.': 11, bob: 12, eve: 13 };
  for (const [name, id] of Object.entries(names)) {
    await store.put('names_v1', { _id: name, user: numbered(id) });
    if (name !== 'eve')
      await send({ op: 'join-circle', input: { circle: numbered(100) }, by: caller(id) });
  }
  const mentions: unknown[] = [];
  await log.live(0, ({ commit }) => {
    for (const { k, d } of commit.events) if (k === 'message-posted') mentions.push(d.mentions);
  });
  await send(post(s, numbered(1), 'hi @bob.'));
  await send(post(s, numbered(2), 'hi @BOB, and @eve'));
  await send({ op: 'leave-circle', input: { circle: numbered(100) }, by: caller(11) });
  await send(post(s, numbered(3), 'hi @bob.'));
  expect(mentions).toEqual([[numbered(11)], [numbered(12)], [numbered(12)]]);
});
