import { expect } from 'vitest';
import { uuid7 } from '../../src/events/ids.ts';
import { makeCircle, type Person, registerAll } from '../support/fixtures/server-people.ts';
import { type ServerFrame, TestSocket } from '../support/fixtures/server-socket.ts';
import { testOnEngines } from '../support/fixtures/server-stage.ts';

const it = testOnEngines();

/** A circle of Ann's with Ben in it, its first stream, and a socket of each. */
const meeting = async (url: string) => {
  const [ann, ben] = (await registerAll(url, ['ann', 'ben'])) as [Person, Person];
  const circle = await makeCircle(ann, [ben]);
  const s = `${circle}/${circle}`;
  const [a, b] = await Promise.all([TestSocket.greet(url, ann), TestSocket.greet(url, ben)]);
  const say = (text: string, id = uuid7()) => a.command('post-message', { s, id, text });
  const end = (): void => {
    a.close();
    b.close();
  };
  return { ann, ben, circle, s, a, b, say, end };
};

const numbers = (frames: readonly ServerFrame[]): number[] =>
  frames.flatMap(({ e = [] }) => e.map(({ n }) => n));

const from = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

/** Posts so many messages, many at once, through one socket. */
const fill = async ({ say }: { say: (text: string) => Promise<ServerFrame> }, count: number) => {
  const answers = await Promise.all(from(1, count).map((index) => say(`message ${index}`)));
  expect(answers.every(({ t }) => t === 'ok')).toBe(true);
};

it('a first sub gives ok, reset with the state at n, live [W5] [W6]', async ({ url }) => {
  const { s, b, circle, say, end } = await meeting(url);
  await say('one');
  await say('two');
  const [ok, reset, live, ...rest] = await b.subscribe(s, { last: 1 });
  expect(ok).toEqual({ t: 'ok', id: ok?.id });
  expect(reset).toMatchObject({ t: 'reset', s, n: 3, why: 'new', read: 0 });
  expect(reset?.stream).toMatchObject({ id: circle, s, name: 'general', last: 2 });
  expect(reset?.messages).toMatchObject([
    { text: 'two', m: 2, n: 3, s, mentions: [], reactions: {} },
  ]);
  expect(reset?.users).toMatchObject([{ username: expect.stringMatching(/^ann/) }]);
  expect(live).toEqual({ t: 'live', s, n: 3 });
  expect(rest).toEqual([]);
  const none = await b.subscribe(s, { last: 0 });
  expect(none[1]).toMatchObject({ t: 'reset', messages: [] });
  end();
});

it('circles and me are followed like streams [W5]', async ({ url }) => {
  const { ann, circle, a, b, end } = await meeting(url);
  const [, ofCircle] = await b.subscribe(circle);
  expect(ofCircle?.circle).toMatchObject({ id: circle, members: 2, n: ofCircle?.n });
  const [, ofMe] = await a.subscribe('me');
  expect(ofMe).toMatchObject({ me: { user: { id: ann.id }, circles: [{ id: circle }] } });
  const stream = uuid7();
  await a.command('create-stream', { circle, id: stream, name: 'cakes' });
  const made = await b.event(circle, (ofCircle?.n ?? 0) + 1);
  expect(made).toMatchObject({ k: 'stream-created', by: ann.id, d: { id: stream, name: 'cakes' } });
  await a.command('create-circle', { id: uuid7(), name: 'Second', visibility: 'public' });
  expect((await a.event('me', (ofMe?.n ?? 0) + 1)).k).toBe('circle-joined');
  end();
});

it('each subscriber hears every event once, in the order of n, the author too [W4] [W9] [W10]', async ({
  url,
}) => {
  const stage = await meeting(url);
  const { a, b, s, end } = stage;
  await Promise.all([a.subscribe(s), b.subscribe(s)]);
  const talking = from(1, 40).map((index) =>
    b.command('post-message', { s, id: uuid7(), text: `b${index}` }),
  );
  await fill(stage, 40);
  await Promise.all(talking);
  await Promise.all([a.event(s, 81), b.event(s, 81)]);
  expect(a.events(s).map(({ n }) => n)).toEqual(from(2, 81));
  expect(b.events(s)).toEqual(a.events(s));
  end();
});

it('resume needs only n and the epoch, and gives up to 1,000 events however old [W5] [W7]', async ({
  url,
}) => {
  const stage = await meeting(url);
  const { ann, s, end } = stage;
  await fill(stage, 1001);
  const socket = await TestSocket.open(url);
  const { d } = await socket.ask({ t: 'hello', v: 1, token: ann.token });
  const epoch = d?.epoch;
  const resumed = await socket.subscribe(s, { after: 2, epoch });
  expect(numbers(resumed)).toEqual(from(3, 1002));
  expect(resumed.at(-1)).toEqual({ t: 'live', s, n: 1002 });
  const current = await socket.subscribe(s, { after: 1002, epoch });
  expect(current.map(({ t }) => t)).toEqual(['ok', 'live']);
  const [, far] = await socket.subscribe(s, { after: 1, epoch });
  expect(far).toMatchObject({ t: 'reset', why: 'too-far', n: 1002 });
  expect(far?.messages).toHaveLength(50);
  for (const start of [
    { after: 5, epoch: 'another' },
    { after: 1003, epoch },
  ]) {
    const [, reset] = await socket.subscribe(s, start);
    expect(reset).toMatchObject({ t: 'reset', why: 'epoch', n: 1002 });
  }
  socket.close();
  end();
});

it('after the ok of a sub no frame of an earlier one follows, while others write [W5] [W6]', async ({
  url,
}) => {
  const stage = await meeting(url);
  const { b, s, end } = stage;
  const writing = fill(stage, 200);
  const subs = from(1, 20).map((index) => b.ask({ t: 'sub', s, last: index % 3 }));
  await Promise.all([writing, ...subs]);
  await b.until(() => {
    const answered = b.frames.findLastIndex(({ t, id }) => t === 'ok' && id?.startsWith('q'));
    const since = b.frames.slice(answered);
    return since.some(({ t, n = 0, e = [] }) => (t === 'live' ? n : (e.at(-1)?.n ?? 0)) === 201);
  });
  let last: number | undefined;
  for (const { t, id, n, e = [] } of b.frames) {
    if (t === 'ok' && id?.startsWith('q')) last = undefined;
    if (t === 'reset') last = n;
    for (const event of e) {
      expect(event.n).toBe((last ?? Number.NaN) + 1);
      last = event.n;
    }
  }
  expect(last).toBe(201);
  end();
});

it('unsub: after its ok nothing follows [W5]', async ({ url }) => {
  const { b, s, say, end } = await meeting(url);
  await b.subscribe(s);
  const writing = from(1, 30).map((index) => say(`message ${index}`));
  const answer = await b.ask({ t: 'unsub', s });
  await Promise.all(writing);
  await b.settled();
  const at = b.frames.indexOf(answer);
  // `activity` is of streams that one does not follow.
  const after = b.frames.slice(at).filter((frame) => frame.s === s && frame.t !== 'activity');
  expect(after).toEqual([]);
  expect((await b.ask({ t: 'unsub', s })).t).toBe('ok');
  end();
});

it('who is removed gets end after all before it, and nothing later [W11]', async ({ url }) => {
  const { ben, s, circle, a, b, say, end } = await meeting(url);
  await Promise.all([a.subscribe(s), b.subscribe(s), b.subscribe(circle)]);
  const before = Promise.all(from(1, 20).map((index) => say(`before ${index}`)));
  await before;
  await a.command('remove-member', { circle, user: ben.id });
  await say('after');
  for (const name of [s, circle]) {
    expect(await b.until((frame) => frame.t === 'end' && frame.s === name)).toEqual({
      t: 'end',
      s: name,
      code: 'removed',
    });
  }
  expect(b.events(s).map(({ n }) => n)).toEqual(from(2, 21));
  expect(b.events(circle)).toEqual([]);
  await a.event(s, 22);
  await b.settled();
  expect(b.frames.findLast((frame) => frame.s === s)?.t).toBe('end');
  expect(await b.subscribe(s)).toMatchObject([{ t: 'err', code: 'forbidden' }]);
  expect(await b.ask({ t: 'get', s })).toMatchObject({ t: 'err', code: 'forbidden' });
  end();
});

it('leaving ends by removed, deletion by deleted, of the stream or of all [W11] [H4]', async ({
  url,
}) => {
  const { circle, s, a, b, end } = await meeting(url);
  const id = uuid7();
  await a.command('create-stream', { circle, id, name: 'cakes' });
  const cakes = `${circle}/${id}`;
  await Promise.all([b.subscribe(s), b.subscribe(cakes), a.subscribe(circle), a.subscribe(s)]);
  const ended = (socket: TestSocket, name: string) =>
    socket.until((frame) => frame.t === 'end' && frame.s === name).then(({ code }) => code);
  await a.command('delete-stream', { s: cakes });
  expect(await ended(b, cakes)).toBe('deleted');
  expect((await b.subscribe(cakes))[0]?.code).toBe('not-found');
  await b.command('leave-circle', { circle });
  expect(await ended(b, s)).toBe('removed');
  await a.command('delete-circle', { id: circle });
  expect(await ended(a, circle)).toBe('deleted');
  expect(await ended(a, s)).toBe('deleted');
  expect((await a.subscribe(s))[0]?.code).toBe('not-found');
  end();
});

it('get gives what history by HTTP gives [W2]', async ({ url }) => {
  const { ann, circle, s, a, say, end } = await meeting(url);
  for (const text of ['one', 'two', 'three', 'four', 'five']) await say(text);
  const path = `GET /v1/circles/${circle}/streams/${circle}/messages`;
  const pages = [{}, { limit: 2 }, { before: 3 }, { after: 3, limit: 1 }, { around: 3, limit: 3 }];
  for (const page of pages) {
    const query = Object.entries(page).map(([key, value]) => `${key}=${value}`);
    const { body } = await ann.call(`${path}?${query.join('&')}`);
    expect((await a.ask({ t: 'get', s, ...page })).d).toEqual(body);
  }
  end();
});

it('one socket has at most 500 subscriptions; the same again is no more [W16]', async ({ url }) => {
  const { circle, s, a, end } = await meeting(url);
  const ids = from(1, 498).map(() => uuid7());
  const made = ids.map((id) => a.command('create-stream', { circle, id, name: 'one of many' }));
  expect((await Promise.all(made)).every(({ t }) => t === 'ok')).toBe(true);
  const names = ['me', s, ...ids.map((id) => `${circle}/${id}`)];
  const answers = await Promise.all(names.map((name) => a.ask({ t: 'sub', s: name, last: 0 })));
  expect(answers.every(({ t }) => t === 'ok')).toBe(true);
  expect(await a.ask({ t: 'sub', s: circle })).toMatchObject({ t: 'err', code: 'too-many' });
  expect((await a.ask({ t: 'sub', s })).t).toBe('ok');
  await a.ask({ t: 'unsub', s: 'me' });
  expect((await a.ask({ t: 'sub', s: circle })).t).toBe('ok');
  end();
});
