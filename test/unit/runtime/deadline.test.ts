import { expect, onTestFinished, test, vi } from 'vitest';
import { Deadline } from '../../../src/runtime/deadline.ts';

const stage = () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const deadline = new Deadline(1000);
  const said: string[] = [];
  const ask = (name: string, answer: Promise<string>, late = () => 'late') =>
    deadline.within(answer, late).then(
      (text) => said.push(`${name} ${text}`),
      (error: Error) => said.push(`${name} failed: ${error.message}`),
    );
  return { ask, said };
};

const never = new Promise<string>(() => undefined);
const after = (ms: number, text: string) =>
  new Promise<string>((resolve) => setTimeout(() => resolve(text), ms));

test('what comes in time is given, what fails fails, and what is late is answered at its own time', async () => {
  const { ask, said } = stage();
  void ask('a', never);
  void ask('b', after(999, 'in time'));
  void ask('c', Promise.reject(new Error('broken')));
  await vi.advanceTimersByTimeAsync(400);
  void ask('d', never, () => {
    throw new Error('no answer');
  });
  void ask('e', after(1100, 'too late'));
  expect(said).toEqual(['c failed: broken']);
  await vi.advanceTimersByTimeAsync(599);
  expect(said).toEqual(['c failed: broken', 'b in time']);
  await vi.advanceTimersByTimeAsync(1);
  expect(said.slice(2)).toEqual(['a late']);
  await vi.advanceTimersByTimeAsync(399);
  expect(said.slice(3)).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(said.slice(3)).toEqual(['d failed: no answer', 'e late']);
});

test('nothing is left behind by what came in time', async () => {
  const { ask, said } = stage();
  for (let each = 0; each < 100; each++) void ask(`${each}`, Promise.resolve('here'));
  await vi.advanceTimersByTimeAsync(1000);
  expect(said).toHaveLength(100);
  expect(vi.getTimerCount()).toBe(0);
});
