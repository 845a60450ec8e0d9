import { expect, test } from 'vitest';
import { keyedQueue } from '../../../../src/app/operations/keyed-queue.ts';

/** Work that ends when `end` is called. */
const held = () => {
  let end = (): void => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { ended, end };
};

test('the work of one key is done in order, also after a failure', async () => {
  const inOrder = keyedQueue();
  const [first, second] = [held(), held()];
  const done: string[] = [];
  const note = (what: string) => async () => {
    done.push(what);
  };
  const failing = inOrder('a', async () => {
    await first.ended;
    throw new Error('it went wrong');
  });
  const after = inOrder('a', async () => {
    await second.ended;
    done.push('second');
  });
  const last = inOrder('a', note('third'));
  await inOrder('b', note('another thing'));
  expect(done).toEqual(['another thing']);
  first.end();
  await expect(failing).rejects.toThrow('it went wrong');
  second.end();
  await Promise.all([after, last]);
  expect(done).toEqual(['another thing', 'second', 'third']);
  expect(await inOrder('a', async () => 'again')).toBe('again');
});
