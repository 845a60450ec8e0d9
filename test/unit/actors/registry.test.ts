import { expect, test } from 'vitest';
import { Registry } from '../../../src/actors/registry.ts';

/** Somebody who is busy or not, as the test says, and notes that they were stopped. */
class Worker {
  idle = true;
  stopped = false;
  readonly key: string;

  constructor(key: string) {
    this.key = key;
  }

  async stop(): Promise<void> {
    this.stopped = true;
  }
}

const office = (residentsMax = 100) => {
  const time = { ms: 1000 };
  const made: Worker[] = [];
  const registry = new Registry<string, Worker>({
    make: (key) => {
      const worker = new Worker(key);
      made.push(worker);
      return worker;
    },
    residentsMax,
    idleMs: 100,
    now: () => time.ms,
  });
  const stopped = () => made.filter((worker) => worker.stopped).map(({ key }) => key);
  return { registry, time, made, stopped };
};

test('a key is started once, and is the same until it is let go', () => {
  const { registry, made } = office();
  expect(registry.get('a')).toBe(registry.get('a'));
  expect(made).toHaveLength(1);
  expect(registry.size).toBe(1);
});

test('who was not used for long is let go, who was used is not', async () => {
  const { registry, time, stopped } = office();
  registry.get('a');
  registry.get('b');
  time.ms += 50;
  registry.get('a');
  time.ms += 50;
  await registry.sweep();
  expect(stopped()).toEqual(['b']);
  expect(registry.size).toBe(1);
});

test('who is busy is never let go, and keeps nobody else from it', async () => {
  const { registry, time, stopped } = office();
  registry.get('a').idle = false;
  registry.get('b');
  time.ms += 1000;
  await registry.sweep();
  expect(stopped()).toEqual(['b']);
  registry.get('a').idle = true;
  time.ms += 1000;
  await registry.sweep();
  expect(stopped()).toEqual(['a', 'b']);
});

test('of too many, those that were used least lately go first', async () => {
  const { registry, stopped } = office(2);
  for (const key of ['a', 'b', 'c', 'd']) registry.get(key);
  registry.get('a');
  await registry.sweep();
  expect(stopped()).toEqual(['b', 'c']);
});

test('who is dropped is replaced at the next use, and nobody else is dropped for it', () => {
  const { registry } = office();
  const first = registry.get('a');
  registry.drop('a', first);
  const second = registry.get('a');
  expect(second).not.toBe(first);
  registry.drop('a', first);
  expect(registry.get('a')).toBe(second);
});

test('all are stopped, busy ones too', async () => {
  const { registry, stopped } = office();
  registry.get('a').idle = false;
  registry.get('b');
  await registry.stop();
  expect(stopped()).toEqual(['a', 'b']);
  expect(registry.size).toBe(0);
});
