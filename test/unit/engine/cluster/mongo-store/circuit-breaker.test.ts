import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import {
  CircuitBreaker,
  guardedStore,
} from '../../../../../src/engine/cluster/mongo-store/circuit-breaker.ts';
import { StoreUnavailable } from '../../../../../src/store/store.ts';
import { memoryStore } from '../../../../contract/doubles/memory-store.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const never = new Promise<never>(() => undefined);

/** A server that answers probes or not, and a breaker in front of it. */
const stage = () => {
  const server = { answers: true, probes: 0 };
  const probe = async (): Promise<void> => {
    server.probes++;
    if (!server.answers) throw new Error('away');
  };
  const breaker = new CircuitBreaker({ probe, suspectMs: 500, probeMsMax: 2000, pauseMs: 250 });
  return { server, breaker };
};

test('an access that fails while the server answers is that access alone', async () => {
  const { server, breaker } = stage();
  await expect(breaker.guard(() => Promise.reject(new Error('no index')))).rejects.toThrow('no');
  expect(server.probes).toBe(0);
  const lost = () => Promise.reject(new StoreUnavailable('lost'));
  await expect(breaker.guard(lost)).rejects.toThrow('lost');
  await vi.advanceTimersByTimeAsync(1);
  expect(server.probes).toBe(1);
  expect(breaker.isAway).toBe(false);
  expect(await breaker.guard(async () => 7)).toBe(7);
});

test('a server that answers no probe is away: what is in flight fails, and what comes, until it answers', async () => {
  const { server, breaker } = stage();
  const access = vi.fn(() => never);
  const stuck = breaker.guard(access).catch((error: unknown) => error);
  server.answers = false;
  await vi.advanceTimersByTimeAsync(1000);
  expect(await stuck).toBeInstanceOf(StoreUnavailable);
  expect(breaker.isAway).toBe(true);
  await expect(breaker.guard(access)).rejects.toBeInstanceOf(StoreUnavailable);
  expect(access).toHaveBeenCalledTimes(1);
  server.answers = true;
  await vi.advanceTimersByTimeAsync(250);
  expect(breaker.isAway).toBe(false);
  expect(await breaker.guard(async () => 7)).toBe(7);
});

test('a slow access is waited for while the server answers', async () => {
  const { server, breaker } = stage();
  let end: (value: number) => void = () => undefined;
  const slow = breaker.guard(
    () =>
      new Promise<number>((resolve) => {
        end = resolve;
      }),
  );
  await vi.advanceTimersByTimeAsync(60_000);
  expect(server.probes).toBeGreaterThan(10);
  end(7);
  expect(await slow).toBe(7);
  expect(breaker.isAway).toBe(false);
});

test('a probe without an answer is given up', async () => {
  const breaker = new CircuitBreaker({ probe: () => never, suspectMs: 500, probeMsMax: 2000 });
  const stuck = breaker.guard(() => never).catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(3000);
  expect(await stuck).toBeInstanceOf(StoreUnavailable);
  expect(breaker.isAway).toBe(true);
  breaker.close();
});

test('nothing is probed while nothing is asked, and the store behind is as before', async () => {
  const { server, breaker } = stage();
  const store = guardedStore(memoryStore(), breaker);
  await store.put('c', { _id: 'a', n: 1 });
  expect(await store.get('c', 'a')).toMatchObject({ n: 1 });
  expect(store.isAway()).toBe(false);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(server.probes).toBe(0);
  await store.close();
});
