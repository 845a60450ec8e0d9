import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Channel } from '../../../../src/cli/workers/channel.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Two ends that are connected. */
const connected = () => {
  const handlers: ((message: object) => void)[] = [];
  const end = (own: number): Channel =>
    new Channel({
      send: (message) => handlers[1 - own]?.(structuredClone(message)),
      listen: (handler) => {
        handlers[own] = handler;
      },
    });
  return { here: end(0), there: end(1), handlers };
};

test('each end asks the other, and every question has its own answer', async () => {
  const { here, there } = connected();
  here.answer('one', async () => 1);
  there.answer('one', async () => 'one');
  there.answer('two', async () => ({ free: Number.NaN }));
  const asked = [here.ask('two'), here.ask('one'), there.ask('one')];
  expect(await Promise.all(asked)).toEqual([{ free: Number.NaN }, 'one', 1]);
});

test('without an answer there is undefined, after two seconds', async () => {
  const { here, there, handlers } = connected();
  there.answer('fails', () => Promise.reject(new Error('no')));
  there.answer('slow', () => new Promise(() => undefined));
  handlers[1]?.({ listens: 'http://here' });
  const asked = Promise.all([here.ask('fails'), here.ask('slow'), here.ask('unknown')]);
  await vi.advanceTimersByTimeAsync(2000);
  expect(await asked).toEqual([undefined, undefined, undefined]);
});
