import { expect, test } from 'vitest';
import { limits } from '../../../src/actors/limits.ts';
import { Registry } from '../../../src/actors/registry.ts';

/** Somebody who is busy or not, as the test says, and notes that they were stopped. */
class Worker {
  idle = true;
  vacant = false;
  stopped = false;
  readonly key: string;

  constructor(key: string) {
    this.key = key;
  }

  async stop(): Promise<void> {
    this.stopped = true;
  }
}

/** A promise that the test resolves. */
const held = () => {
  let resolve = (): void => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve: () => resolve() };
};

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
  /** Uses an actor and gives it. */
  const use = (key: string): Promise<Worker> => registry.use(key, async (worker) => worker);
  return { registry, time, made, stopped, use };
};

test('a key is started once, and is the same until it is let go', async () => {
  const { registry, made, use } = office();
  expect(await use('a')).toBe(await use('a'));
  expect(made).toHaveLength(1);
  expect(registry.size).toBe(1);
});

test('who was not used for long is let go, who was used is not', async () => {
  const { registry, time, stopped, use } = office();
  await use('a');
  await use('b');
  time.ms += 50;
  await use('a');
  time.ms += 50;
  await registry.sweep();
  expect(stopped()).toEqual(['b']);
  expect(registry.size).toBe(1);
});

test('who is busy is never let go, and keeps nobody else from it', async () => {
  const { registry, time, stopped, use } = office();
  (await use('a')).idle = false;
  await use('b');
  time.ms += 1000;
  await registry.sweep();
  expect(stopped()).toEqual(['b']);
  (await use('a')).idle = true;
  time.ms += 1000;
  await registry.sweep();
  expect(stopped()).toEqual(['a', 'b']);
});

test('of too many, those that were used least lately go first', async () => {
  const { registry, time, stopped, use } = office(2);
  for (const key of ['a', 'b', 'c', 'd', 'a']) {
    time.ms++;
    await use(key);
  }
  await registry.sweep();
  expect(stopped()).toEqual(['b', 'c']);
});

test('who is dropped is replaced at the next use, and nobody else is dropped for it', async () => {
  const { registry, use } = office();
  const first = await use('a');
  registry.drop('a', first);
  const second = await use('a');
  expect(second).not.toBe(first);
  registry.drop('a', first);
  expect(await use('a')).toBe(second);
});

test('all are stopped, busy ones too', async () => {
  const { registry, stopped, use } = office();
  (await use('a')).idle = false;
  await use('b');
  await registry.stop();
  expect(stopped()).toEqual(['a', 'b']);
  expect(registry.size).toBe(0);
});

test('who is asked something is not let go before it is answered', async () => {
  const { registry, time, stopped } = office();
  const { promise, resolve } = held();
  const asking = registry.use('a', () => promise);
  time.ms += 1000;
  await registry.sweep();
  expect(stopped()).toEqual([]);
  resolve();
  await asking;
  await registry.sweep();
  expect(stopped()).toEqual(['a']);
});

test('of the vacant few are kept, those that were used last; of others all', async () => {
  const { registry, stopped, use } = office(100_000);
  const vacate = (key: string) =>
    registry.use(key, async (worker) => {
      worker.vacant = true;
    });
  await use('there');
  for (let key = 0; key < 10 * limits.vacantActorsMax; key++) {
    await vacate(`${key}`);
    await use('0');
  }
  expect(registry.size).toBe(1 + limits.vacantActorsMax);
  expect(stopped()).not.toContain('0');
  expect(stopped()).not.toContain('there');
});

test('what is vacant no more is kept, and so is who is being asked something', async () => {
  const { registry, made, stopped, use } = office(100_000);
  const { promise, resolve } = held();
  for (const key of ['filled', 'asked']) {
    await use(key);
    const worker = made.at(-1);
    if (worker) worker.vacant = true;
    await use(key);
  }
  const [filled] = made;
  if (filled) filled.vacant = false;
  const asking = registry.use('asked', () => promise);
  for (let key = 0; key < 3 * limits.vacantActorsMax; key++) {
    await registry.use(`${key}`, async (worker) => {
      worker.vacant = true;
    });
  }
  expect(stopped()).not.toContain('filled');
  expect(stopped()).not.toContain('asked');
  resolve();
  await asking;
});

test('a use that fails counts no more', async () => {
  const { registry, time, stopped } = office();
  const failing = registry.use('a', () => Promise.reject(new Error('no')));
  await expect(failing).rejects.toThrow('no');
  time.ms += 1000;
  await registry.sweep();
  expect(stopped()).toEqual(['a']);
});
