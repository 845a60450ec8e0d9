import { expect, test } from 'vitest';
import { takingTurns } from '../../../../src/app/operations/turns.ts';

/** Work that ends when it is told to. */
const held = () => {
  let end = (): void => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { ended, end };
};

test('work on one thing is done in the order in which it came, also after a failure', async () => {
  const inTurn = takingTurns();
  const [first, second] = [held(), held()];
  const done: string[] = [];
  const note = (what: string) => async () => {
    done.push(what);
  };
  const failing = inTurn('a', async () => {
    await first.ended;
    throw new Error('it went wrong');
  });
  const after = inTurn('a', async () => {
    await second.ended;
    done.push('second');
  });
  const last = inTurn('a', note('third'));
  await inTurn('b', note('another thing'));
  expect(done).toEqual(['another thing']);
  first.end();
  await expect(failing).rejects.toThrow('it went wrong');
  second.end();
  await Promise.all([after, last]);
  expect(done).toEqual(['another thing', 'second', 'third']);
  expect(await inTurn('a', async () => 'again')).toBe('again');
});
