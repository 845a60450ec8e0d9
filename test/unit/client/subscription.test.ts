import { expect, it } from 'vitest';
import type { FakeSocket, Frame } from '../../support/doubles/fake-socket.ts';
import { settle } from '../../support/doubles/virtual-time.ts';
import { clientStage } from '../../support/fixtures/client-stage.ts';

const s = 'circle/stream';

const events = (from: number, to = from) => ({
  t: 'events',
  s,
  e: Array.from({ length: to - from + 1 }, (_, i) => ({
    n: from + i,
    at: 1,
    by: 'u',
    k: 'message-deleted',
    d: { id: `m${from + i}` },
  })),
});

const subs = (socket: FakeSocket): Frame[] => socket.taken().filter(({ t }) => t === 'sub');

/** A client that subscribes to `s` after event 3, with everything it delivered. */
const following = async () => {
  const stage = clientStage();
  const told: unknown[] = [];
  const subscription = stage.client.subscribe(
    s,
    { after: 3, epoch: 'e1' },
    {
      event: ({ n }) => told.push(n),
      reset: ({ n, why }) => told.push(`reset to ${n}: ${why}`),
      live: (n) => told.push(`live at ${n}`),
      end: (code) => told.push(`end: ${code}`),
    },
  );
  const socket = await stage.greet();
  const [sub] = subs(socket);
  if (!sub) throw new Error('it has sent no sub');
  return { ...stage, told, subscription, at: socket, sub };
};

it('subscribes with the newest messages without a position [W5]', async () => {
  const { client, greet } = clientStage();
  const resets: unknown[] = [];
  const subscription = client.subscribe(s, { last: 20 }, { reset: (reset) => resets.push(reset) });
  client.subscribe('me', {}, {});
  const socket = await greet({ epoch: 'e7' });
  const [first, second] = subs(socket);
  expect(first).toEqual({ t: 'sub', id: first?.id, s, last: 20 });
  expect(second).toEqual({ t: 'sub', id: second?.id, s: 'me' });
  const reset = { t: 'reset', s, n: 12, why: 'new', messages: [], users: [], read: 0 };
  socket.say({ t: 'ok', id: first?.id }, reset);
  expect(resets).toEqual([reset]);
  expect([subscription.n, subscription.epoch]).toEqual([12, 'e7']);
});

it('starts at the given position, and delivers each event once, in order [W4]', async () => {
  const { at, sub, told, subscription } = await following();
  expect(sub).toEqual({ t: 'sub', id: sub.id, s, after: 3, epoch: 'e1' });
  at.say({ t: 'ok', id: sub.id }, events(4, 6), { t: 'live', s, n: 6 }, events(7));
  expect(told).toEqual([4, 5, 6, 'live at 6', 7]);
  expect(subscription.n).toBe(7);
});

it.each([
  ['a gap', events(6)],
  ['a repeat', events(4)],
  ['a gap within a frame', { ...events(5), e: [...events(5).e, ...events(7).e] }],
])(
  'after %s subscribes again from its last and ignores the stream until the ok [W4]',
  async (_, bad) => {
    const { at, sub, told } = await following();
    at.say({ t: 'ok', id: sub.id }, events(4), bad, events(8));
    const last = Math.max(...told.map(Number));
    const [repair, ...more] = subs(at);
    expect(repair).toMatchObject({ s, after: last, epoch: 'e1' });
    expect(more).toEqual([]);
    at.say(events(last + 1), { t: 'end', s, code: 'removed' });
    expect(told.at(-1)).toBe(last);
    at.say({ t: 'ok', id: repair?.id }, events(last + 1, 9));
    expect(told).toEqual([4, 5, 6, 7, 8, 9]);
  },
);

it('subscribes again when live names an event that was not received', async () => {
  const { at, sub, told } = await following();
  at.say({ t: 'ok', id: sub.id }, { t: 'live', s, n: 5 });
  expect(subs(at)).toMatchObject([{ after: 3 }]);
  expect(told).toEqual([]);
});

it('does not loop if the answer is always wrong', async () => {
  const { at, sub, time, told } = await following();
  at.say({ t: 'ok', id: sub.id }, events(6));
  const [second] = subs(at);
  at.say({ t: 'ok', id: second?.id }, events(6));
  expect(subs(at)).toEqual([]);
  await time.advance(1_000);
  const [third] = subs(at);
  at.say({ t: 'ok', id: third?.id }, events(4, 6));
  expect(told).toEqual([4, 5, 6]);
});

it('resumes after a reconnect from its last event [W7]', async () => {
  const { at, sub, told, reconnect } = await following();
  at.say({ t: 'ok', id: sub.id }, events(4, 5));
  const next = await reconnect();
  const [again] = subs(next);
  expect(again).toMatchObject({ s, after: 5, epoch: 'e1' });
  next.say(events(6), { t: 'ok', id: again?.id }, events(6, 7));
  expect(told).toEqual([4, 5, 6, 7]);
});

it('starts over from a reset, in its epoch [W6, W7]', async () => {
  const { at, sub, told, subscription, socket, time, greet } = await following();
  at.say({ t: 'ok', id: sub.id }, events(4));
  socket().shut();
  await time.advance(1_000);
  const next = await greet({ epoch: 'e2' });
  const [again] = subs(next);
  expect(again).toMatchObject({ after: 4, epoch: 'e1' });
  next.say({ t: 'ok', id: again?.id }, { t: 'reset', s, n: 2, why: 'epoch' }, events(3));
  expect(told).toEqual([4, 'reset to 2: epoch', 3]);
  expect([subscription.n, subscription.epoch]).toEqual([3, 'e2']);
});

it('ends at an end frame, and does not subscribe again [W11]', async () => {
  const { at, sub, told, client, reconnect } = await following();
  at.say({ t: 'ok', id: sub.id }, events(4), { t: 'end', s, code: 'removed' }, events(5));
  expect(told).toEqual([4, 'end: removed']);
  expect(subs(await reconnect())).toEqual([]);
  client.subscribe(s, {}, {});
});

it('ends when refused, with the code of the refusal [W11]', async () => {
  const { at, sub, told } = await following();
  at.say({ t: 'err', id: sub.id, code: 'forbidden', message: 'no' });
  expect(told).toEqual(['end: forbidden']);
});

it('ignores answers to other requests', async () => {
  const { at, sub, told } = await following();
  at.say({ t: 'ok' }, { t: 'ok', id: 'another' }, events(4));
  expect(told).toEqual([]);
  at.say({ t: 'ok', id: sub.id });
  at.say({ t: 'err', code: 'bad-request', message: 'no object' }, events(4));
  expect(told).toEqual([4]);
});

it('subscribes again after the retryAfter of an err', async () => {
  const { at, sub, time } = await following();
  at.say({ t: 'err', id: sub.id, code: 'unavailable', message: 'later', retryAfter: 4_000 });
  await time.advance(3_999);
  expect(subs(at)).toEqual([]);
  await time.advance(1);
  expect(subs(at)).toMatchObject([{ after: 3 }]);
});

it('delivers nothing after it is closed, and unsubscribes', async () => {
  const { at, sub, told, subscription } = await following();
  at.say({ t: 'ok', id: sub.id }, events(4));
  subscription.close();
  subscription.close();
  expect(at.taken()).toMatchObject([{ t: 'unsub', s }]);
  at.say(events(5));
  expect(told).toEqual([4, 'end: closed']);
});

it('can be closed by the handler of an event', async () => {
  const { client, greet } = clientStage();
  const told: number[] = [];
  const subscription = client.subscribe(
    s,
    { after: 0, epoch: 'e1' },
    {
      event: ({ n }) => {
        told.push(n);
        if (n === 2) subscription.close();
      },
    },
  );
  const socket = await greet();
  socket.say({ t: 'ok', id: subs(socket)[0]?.id }, events(1, 5));
  expect(told).toEqual([1, 2]);
});

it('belongs to one subscriber at a time', async () => {
  const { client } = await following();
  expect(() => client.subscribe(s, {}, {})).toThrow('already subscribed');
});

it('ends with the client', async () => {
  const { client, told } = await following();
  client.close();
  expect(told).toEqual(['end: closed']);
  expect(() => client.subscribe('me', {}, {})).toThrow('closed');
});

it('can be read with for await, to its end', async () => {
  const { client, greet } = clientStage();
  const items = client.follow(s, { after: 0, epoch: 'e1' });
  const socket = await greet();
  socket.say({ t: 'ok', id: subs(socket)[0]?.id }, events(1, 2), { t: 'live', s, n: 2 });
  const read: unknown[] = [];
  const reading = (async () => {
    for await (const item of items) read.push(item.t === 'event' ? item.event.n : item.t);
  })();
  await settle();
  socket.say(events(3), { t: 'end', s, code: 'deleted' });
  await reading;
  expect(read).toEqual([1, 2, 'live', 3, 'end']);
});

it('ends when the loop that reads it is left', async () => {
  const { client, greet } = clientStage();
  const items = client.follow(s, { after: 0, epoch: 'e1' });
  const socket = await greet();
  socket.say({ t: 'ok', id: subs(socket)[0]?.id }, events(1, 2));
  for await (const item of items) if (item.t === 'event') break;
  expect(socket.taken()).toMatchObject([{ t: 'unsub', s }]);
  expect(await items.next()).toMatchObject({ done: true });
});

it('pauses while its reader is slow, and misses nothing', async () => {
  const { client, greet } = clientStage();
  const items = client.follow(s, { after: 0, epoch: 'e1' });
  const socket = await greet();
  socket.say({ t: 'ok', id: subs(socket)[0]?.id }, events(1, 5_000));
  expect(socket.taken()).toMatchObject([{ t: 'unsub' }]);
  const read: number[] = [];
  for await (const item of items) {
    if (item.t === 'event') read.push(item.event.n);
    if (read.length === 5_000) break;
    const [again] = subs(socket);
    if (again) socket.say({ t: 'ok', id: again.id }, events(Number(again.after) + 1, 5_000));
  }
  expect(read).toEqual(Array.from({ length: 5_000 }, (_, i) => i + 1));
});
