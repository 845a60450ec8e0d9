import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FlushClock } from '../../../src/hub/flush-clock.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'setImmediate'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A clock and an event loop that the test drives: a flush takes 5 ms. */
const stage = () => {
  const state = { now: 0, busy: 0 };
  const flushes: number[] = [];
  const clock = new FlushClock({ now: () => state.now, busy: () => state.busy });
  const topic = {
    flush: () => {
      flushes.push(state.now);
      state.now += 5;
      state.busy += 5;
    },
  };
  /** Lets time pass, of which the event loop works a share. */
  const pass = (ms: number, load = 0): void => {
    state.now += ms;
    state.busy += ms * load;
    vi.advanceTimersByTime(ms);
  };
  /** Marks the topic; returns how long its flush was waited for. */
  const flushAfter = (): number => {
    const begun = state.now;
    const count = flushes.length;
    clock.mark(topic);
    vi.advanceTimersByTime(0);
    for (let waited = 0; flushes.length === count; waited++) {
      if (waited > 50) throw new Error('no flush');
      pass(1);
    }
    return (flushes.at(-1) ?? 0) - begun;
  };
  return { clock, topic, flushes, pass, flushAfter };
};

test('while the event loop has time left, every mark is flushed at once', () => {
  const { pass, flushAfter } = stage();
  for (let time = 0; time < 20; time++) {
    expect(flushAfter()).toBe(0);
    pass(10, 0.3);
  }
});

test('under load, flushes pause for twice the time they take', () => {
  const { pass, flushAfter } = stage();
  pass(200, 1);
  flushAfter();
  expect(flushAfter()).toBeGreaterThanOrEqual(9);
  expect(flushAfter()).toBeLessThanOrEqual(11);
});

test('the marks of a pause share one flush', () => {
  const { clock, topic, flushes, pass, flushAfter } = stage();
  pass(200, 1);
  flushAfter();
  const before = flushes.length;
  for (let time = 0; time < 5; time++) clock.mark(topic);
  pass(20);
  expect(flushes).toHaveLength(before + 1);
});

test('the pause ends with the load', () => {
  const { pass, flushAfter } = stage();
  pass(200, 1);
  flushAfter();
  expect(flushAfter()).toBeGreaterThan(0);
  pass(200, 0.1);
  flushAfter();
  expect(flushAfter()).toBe(0);
});
