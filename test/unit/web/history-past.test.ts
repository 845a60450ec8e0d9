import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { OshiError } from '../../../src/client/error.ts';
import { Past, type PastDeps, restMs } from '../../../web/src/state/history/past.ts';

/** The answer for a circle at a point in time. */
const circleAnswer = (circle: object, at: number) => ({ circle, moment: { n: 1, at } });

type Answers = Partial<{ [Name in keyof PastDeps['http']]: unknown }>;

/** A circle created at 1,000; now is 11,000. */
const pastWith = (answers: Answers = {}) => {
  const asked: unknown[][] = [];
  const rested: unknown[] = [];
  const circle = { id: 'c', name: 'Tea', members: 1 };
  const all: Answers = {
    circle: async () => circle,
    circleThen: async (_: string, at: number) => circleAnswer(circle, at < 9 ? 1_000 : at),
    members: async () => ({ members: [] }),
    streams: async () => ({ streams: [{ id: 's', name: 'general' }] }),
    history: async (_: string, page: { before?: number }) => ({
      messages: [{ id: 'm', m: page.before === undefined ? 2 : 1 }],
      users: [],
      more: { before: page.before === undefined, after: false },
    }),
    ...answers,
  };
  const http = Object.fromEntries(
    Object.entries(all).map(([name, run]) => [
      name,
      (...given: unknown[]) => {
        asked.push([name, ...given]);
        return (run as (...rest: unknown[]) => unknown)(...given);
      },
    ]),
  ) as unknown as PastDeps['http'];
  const past = new Past('c', {
    ...{ http, now: () => 11_000, onUsers: () => {}, onRest: (at) => rested.push(at) },
  });
  return { past, asked, rested };
};

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('loads the creation time of the circle, and shows its current state', async () => {
  const { past, asked } = pastWith();
  await past.open();
  expect(past.life.value).toEqual({ from: 1_000, to: 11_000 });
  expect(past.shown.value).toMatchObject({ circle: { name: 'Tea' }, streams: [{ id: 's' }] });
  expect(asked.map(([name]) => name)).toEqual(['circleThen', 'circle', 'members', 'streams']);
});

it('sends a request after a pause, and stays within the lifetime of the circle', async () => {
  const { past, asked, rested } = pastWith();
  await past.open();
  asked.length = 0;
  for (const at of [2_000, 3_000, 4_000]) past.goTo(at);
  await vi.advanceTimersByTimeAsync(restMs);
  expect(asked).toEqual([
    ['circleThen', 'c', 4_000],
    ['members', 'c', expect.objectContaining({ at: 4_000 })],
    ['streams', 'c', expect.objectContaining({ at: 4_000 })],
  ]);
  past.goTo(7);
  expect(past.at.value).toBe(1_000);
  past.goTo(99_999);
  expect(past.at.value).toBeUndefined();
  await vi.advanceTimersByTimeAsync(restMs);
  expect(rested).toEqual([4_000, undefined]);
});

it('shows the time requested last, whichever answer comes last', async () => {
  let answer: (found: object) => void = () => {};
  const slow = new Promise<object>((resolve) => {
    answer = resolve;
  });
  const { past } = pastWith({
    circleThen: (_: string, at: number) =>
      at === 2_000 ? slow : Promise.resolve(circleAnswer({ name: `at ${at}` }, 1_000)),
  });
  await past.open();
  past.goTo(2_000);
  await vi.advanceTimersByTimeAsync(restMs);
  past.goTo(3_000);
  await vi.advanceTimersByTimeAsync(restMs);
  answer(circleAnswer({ name: 'too late' }, 2_000));
  await vi.advanceTimersByTimeAsync(0);
  expect([past.shown.value?.circle.name, past.isBusy.value]).toEqual(['at 3000', false]);
});

it('shows the past messages of a stream, and older ones', async () => {
  const { past, asked } = pastWith();
  await past.open();
  await past.openStream('s');
  await past.readOlder();
  await past.readOlder();
  expect(past.opened.value).toMatchObject({ messages: [{ m: 1 }, { m: 2 }], hasOlder: false });
  asked.length = 0;
  past.goTo(2_000);
  await vi.advanceTimersByTimeAsync(restMs);
  expect(asked.at(-1)).toEqual(['history', 'c/s', { at: 2_000, limit: 50 }]);
  expect(past.opened.value?.messages).toHaveLength(1);
});

it('shows nothing of a stream that did not exist', async () => {
  const { past, asked } = pastWith();
  await past.open();
  await past.openStream('later');
  expect(past.opened.value).toEqual({ stream: 'later', messages: [], hasOlder: false });
  expect(asked.some(([name]) => name === 'history')).toBe(false);
});

it('reports an error until it is resolved', async () => {
  let isAway = true;
  const { past } = pastWith({
    streams: async () => {
      if (isAway) throw new OshiError('away', { code: 'unavailable' });
      return { streams: [] };
    },
  });
  await past.open();
  expect([past.problem.value, past.isBusy.value]).toEqual([
    expect.stringMatching(/reached/),
    false,
  ]);
  isAway = false;
  past.goTo(2_000);
  await vi.advanceTimersByTimeAsync(restMs);
  expect(past.problem.value).toBe('');
});

it('keeps the selected time when a stream is opened while loading', async () => {
  const { past, asked } = pastWith();
  await past.open();
  past.goTo(2_000);
  await vi.advanceTimersByTimeAsync(restMs - 1);
  vi.advanceTimersByTime(1);
  expect(past.isBusy.value).toBe(true);
  await past.openStream('s');
  expect([past.shown.value?.at, past.opened.value?.stream]).toEqual([2_000, 's']);
  expect(asked.at(-1)).toEqual(['history', 'c/s', { at: 2_000, limit: 50 }]);
});
