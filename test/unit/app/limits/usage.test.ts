import { expect, test } from 'vitest';
import { Usage } from '../../../../src/app/limits/usage.ts';

const stage = () => {
  const time = { ms: 5000 };
  const usage = new Usage(() => time.ms);
  const add = (user: string, times: number): void => {
    for (let more = 0; more < times; more++) usage.add(user);
  };
  return { time, usage, add };
};

test('who had less than half an equal share is below it, also who had nothing', () => {
  const { usage, add } = stage();
  add('ada', 9);
  add('ben', 1);
  expect(usage.isBelowShare('ada')).toBe(false);
  expect(usage.isBelowShare('ben')).toBe(true);
  expect(usage.isBelowShare('cleo')).toBe(true);
});

test('of users who had as much as each other, and of one alone, none is below', () => {
  const { usage, add } = stage();
  add('ada', 5);
  expect(usage.isBelowShare('ada')).toBe(false);
  add('ben', 5);
  expect(['ada', 'ben'].map((user) => usage.isBelowShare(user))).toEqual([false, false]);
});

test('what was had is forgotten within two seconds', () => {
  const { time, usage, add } = stage();
  add('ada', 10);
  time.ms += 1500;
  add('ben', 5);
  expect([usage.isBelowShare('ada'), usage.isBelowShare('ben')]).toEqual([false, false]);
  time.ms += 500;
  expect([usage.isBelowShare('ada'), usage.isBelowShare('ben')]).toEqual([true, false]);
  time.ms += 60_000;
  expect([usage.isBelowShare('ada'), usage.isBelowShare('ben')]).toEqual([true, true]);
});
