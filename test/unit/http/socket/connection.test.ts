import { expect, test } from 'vitest';
import { limits } from '../../../../src/app/limits/limits.ts';
import { Invalid, Refused } from '../../../../src/app/refusals.ts';
import { closes } from '../../../../src/http/socket/close-codes.ts';
import { settle } from '../../../support/doubles/virtual-time.ts';
import { connectionStage, hello } from '../../../support/fixtures/connection-stage.ts';
import { numbered } from '../../../support/generators/chatter.ts';

const cmd = (id: string, more: object = {}) => ({ t: 'cmd', id, op: 'x', d: {}, ...more });
const invalid = { t: 'cmd', id: 'm' };

/** A connection that has said hello. */
const greeted = async () => {
  const stage = connectionStage();
  stage.send(hello);
  await settle();
  stage.taken();
  return stage;
};

test('hello is answered once, and what was sent behind it in the order in which it came [W1]', async () => {
  const { send, taken, asked, order, closed } = connectionStage();
  send(hello, cmd('a'), cmd('b'));
  await settle();
  expect(taken()).toMatchObject([{ t: 'ok', id: 'h', d: { user: 'ada' } }]);
  expect(order).toEqual(['a']);
  asked.get('a')?.next();
  await settle();
  expect(order).toEqual(['a', 'b']);
  asked.get('b')?.ok();
  asked.get('a')?.ok({ n: 1 });
  await settle();
  expect(taken()).toEqual([
    { t: 'ok', id: 'b' },
    { t: 'ok', id: 'a', d: { n: 1 } },
  ]);
  expect(closed).toEqual([]);
});

test.for([
  ['another frame first', cmd('a')],
  ['no JSON', 'hello'],
  ['JSON that is no object', '[1]'],
  ['JSON that is null', 'null'],
  ['an object without a t', { id: 'a' }],
  ['a t that is no string', { t: 1 }],
  ['a binary message', Buffer.from('{"t":"hello"}')],
  ['a hello that does not fit', { ...hello, v: 'one' }],
  ['a hello with an unknown field', { ...hello, x: 1 }],
] as const)('%s is closed with 4400, without a bye [W1] [W14]', ([, frame]) => {
  const { send, taken, closed } = connectionStage();
  send(frame);
  expect([closed, taken()]).toEqual([[closes.badFrame.code], []]);
});

test('no hello within 10 s is closed with 4408, whatever the traffic [W1]', () => {
  const { connection, time, closed } = connectionStage();
  time.ms += limits.helloMs - 1;
  connection.pulse(time.ms, Buffer.alloc(0));
  expect(closed).toEqual([]);
  time.ms += 1;
  connection.pulse(time.ms, Buffer.alloc(0));
  expect(closed).toEqual([closes.noHello.code]);
});

test('a hello of another version is closed with 4406 [W1]', async () => {
  const { send, closed } = connectionStage();
  send({ ...hello, v: 2 });
  await settle();
  expect(closed).toEqual([closes.version.code]);
});

test('a frame of 64 KiB is read, a larger one closes with 4413 [W14]', async () => {
  const { send, closed, taken } = await greeted();
  const sized = (bytes: number) =>
    JSON.stringify({ t: 'nothing', x: '' }).replace('""', `"${'x'.repeat(bytes - 22)}"`);
  expect(sized(1000)).toHaveLength(1000);
  send(sized(limits.frameBytesMax));
  expect(taken()).toMatchObject([{ t: 'err', code: 'unsupported' }]);
  send(sized(limits.frameBytesMax + 1));
  expect([closed, taken()]).toEqual([[closes.tooLarge.code], []]);
});

test('the third frame in a row that does not fit closes with 4400 [W14]', async () => {
  const { send, closed, taken, asked } = await greeted();
  send(invalid, invalid);
  expect(taken()).toMatchObject([
    { t: 'err', id: 'm', code: 'bad-request', field: 'op' },
    { t: 'err', id: 'm', code: 'bad-request', field: 'op' },
  ]);
  send(cmd('a'));
  asked.get('a')?.ok();
  await settle();
  send(invalid, invalid);
  expect(closed).toEqual([]);
  send(invalid);
  expect(closed).toEqual([closes.badFrame.code]);
});

test('unknown frames and operations neither count nor end the row [W14]', async () => {
  const { send, closed, asked } = await greeted();
  send(invalid, { t: 'paint' }, invalid, cmd('a'));
  asked.get('a')?.refuse(new Refused('unsupported'));
  await settle();
  expect(closed).toEqual([]);
  send(invalid);
  expect(closed).toEqual([closes.badFrame.code]);
});

test('input of a command that does not fit counts, another refusal ends the row [W14]', async () => {
  const { send, closed, asked } = await greeted();
  send(invalid, invalid, cmd('a'));
  asked.get('a')?.refuse(new Refused('bad-request', { field: 'replyTo' }));
  await settle();
  send(invalid, invalid, cmd('b'));
  asked.get('b')?.refuse(new Invalid({ field: 'x' }));
  await settle();
  expect(closed).toEqual([closes.badFrame.code]);
});

test('what does not fit behind hello is answered too [W14]', async () => {
  const { send, taken } = connectionStage();
  send(hello, { t: 'paint', id: 'p' }, invalid);
  await settle();
  expect(taken()).toMatchObject([
    { t: 'ok', id: 'h' },
    { t: 'err', id: 'p', code: 'unsupported' },
    { t: 'err', id: 'm', code: 'bad-request' },
  ]);
});

test('a frame nests 32 deep; a deeper one is bad-request [W14]', async () => {
  const { send, taken, asked } = await greeted();
  const deep = (id: string, levels: number) =>
    `{"t":"cmd","id":"${id}","op":"x","d":{"x":${'['.repeat(levels - 2)}${']'.repeat(levels - 2)}}}`;
  send(deep('a', 32));
  asked.get('a')?.ok();
  await settle();
  send(deep('b', 33));
  expect(taken()).toMatchObject([
    { t: 'ok', id: 'a' },
    { t: 'err', id: 'b', code: 'bad-request' },
  ]);
});

test('with 32 unanswered the socket is read on later, and all are answered [W16]', async () => {
  const { send, reading, asked, taken, order } = await greeted();
  for (let id = 0; id < 40; id++) {
    send(cmd(`${id}`));
    asked.get(`${id}`)?.next();
    await settle();
  }
  expect(reading).toEqual(['pause']);
  expect(order).toHaveLength(limits.unansweredMax);
  for (let id = 0; id < 40; id++) {
    asked.get(`${id}`)?.ok();
    await settle();
  }
  expect(taken()).toHaveLength(40);
  expect(reading).toEqual(['pause', 'resume']);
});

test('100 answers of rate-limited within 10 s close with 4529 [W16]', async () => {
  const { send, time, asked, closed } = await greeted();
  const limited = async (id: string) => {
    send(cmd(id));
    asked.get(id)?.refuse(new Refused('rate-limited', { retryAfter: 1 }));
    await settle();
  };
  for (let id = 0; id < limits.refusalsMax - 1; id++) await limited(`a${id}`);
  time.ms += limits.refusalsWindowMs;
  for (let id = 0; id < limits.refusalsMax - 1; id++) await limited(`b${id}`);
  expect(closed).toEqual([]);
  await limited('last');
  expect(closed).toEqual([closes.tooMany.code]);
});

test('a fault is answered with internal, reported, and says nothing of why', async () => {
  const { send, asked, taken, errors, closed } = await greeted();
  send(cmd('a'));
  asked.get('a')?.refuse(new Error('a secret'));
  await settle();
  const [answer] = taken();
  expect(answer).toMatchObject({ t: 'err', id: 'a', code: 'internal' });
  expect(JSON.stringify(answer)).not.toContain('secret');
  expect([errors.map(({ message }) => message), closed]).toEqual([['a secret'], []]);
});

test('bye comes before a close, with how long to wait; after it nothing is taken or told', async () => {
  const { connection, send, taken, closed, asked, order } = await greeted();
  send(cmd('a'));
  connection.close(closes.draining, 700);
  connection.close(closes.internal);
  send(cmd('b'));
  asked.get('a')?.refuse(new Refused('forbidden'));
  await settle();
  expect(taken()).toEqual([{ t: 'bye', ...closes.draining, after: 700 }]);
  expect([closed, order]).toEqual([[closes.draining.code], ['a']]);
});

test('signals within their rate are handed on and nothing is answered [W14] [W16] [W17]', async () => {
  const { send, taken, signals, closed } = await greeted();
  const typing = { t: 'sig', s: `${numbered(1)}/${numbered(1)}`, k: 'typing' };
  send(...Array(8).fill(typing));
  expect([signals, taken()]).toEqual([Array(5).fill(typing), []]);
  send({ t: 'sig', s: 'me', k: 'presence', d: { status: 'away' } });
  expect(taken()).toMatchObject([{ t: 'err', code: 'bad-request', field: 'd' }]);
  send({ t: 'sig', s: 'me', k: 'waving', d: { hand: 'left' } });
  expect([taken(), closed]).toEqual([[], []]);
});
