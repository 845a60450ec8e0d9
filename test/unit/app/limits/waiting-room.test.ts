import { expect, onTestFinished, test, vi } from 'vitest';
import { WaitingRoom } from '../../../../src/app/limits/waiting-room.ts';

test('each is held for the time; in a full room the first goes on and nobody is refused', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const room = new WaitingRoom({ holdMs: 1000, heldMax: 2 });
  const left: string[] = [];
  const enter = (name: string) => room.hold().then(() => left.push(name));
  const all = [enter('a')];
  await vi.advanceTimersByTimeAsync(400);
  all.push(enter('b'));
  expect(left).toEqual([]);
  all.push(enter('c'), enter('d'));
  await vi.advanceTimersByTimeAsync(0);
  expect(left).toEqual(['a', 'b']);
  await vi.advanceTimersByTimeAsync(999);
  expect(left).toEqual(['a', 'b']);
  await vi.advanceTimersByTimeAsync(1);
  await Promise.all(all);
  expect(left).toEqual(['a', 'b', 'c', 'd']);
  expect(vi.getTimerCount()).toBe(0);
});
