import { expect, test } from 'vitest';
import { FairQueue } from '../../../../src/app/sessions/fair-queue.ts';
import { settle } from '../../../support/doubles/virtual-time.ts';

const retryAfterMs = 2000;

/** A queue that does one thing at a time; each takes until it is let go. */
const stage = (max: { waitingMax: number; waitingPerClientMax: number }) => {
  const queue = new FairQueue({ runningMax: 1, retryAfterMs, ...max });
  const begun: string[] = [];
  const refused: string[] = [];
  const gone = new Set<string>();
  let finish: () => void = () => undefined;
  const ask = (client: string, name = client): void => {
    const work = () => {
      begun.push(name);
      return new Promise<void>((resolve) => {
        finish = resolve;
      });
    };
    queue
      .run({ client, isGone: () => gone.has(name) }, work)
      .catch((error: { problem: { code: string } }) =>
        refused.push(`${name} ${error.problem.code}`),
      );
  };
  const next = async (): Promise<void> => {
    finish();
    await settle();
  };
  return { queue, begun, refused, gone, ask, next };
};

const roomy = { waitingMax: 100, waitingPerClientMax: 100 };

test('clients take turns, however much each of them asks for', async () => {
  const { ask, begun, next } = stage(roomy);
  for (const name of ['a1', 'a2', 'a3', 'a4']) ask('a', name);
  ask('b', 'b1');
  ask('c', 'c1');
  ask('b', 'b2');
  for (let left = 6; left > 0; left--) await next();
  expect(begun).toEqual(['a1', 'a2', 'b1', 'c1', 'a3', 'b2', 'a4']);
});

test('what is too much of one client is refused with rate-limited, and no other', async () => {
  const { ask, refused } = stage({ waitingMax: 100, waitingPerClientMax: 2 });
  for (const name of ['a1', 'a2', 'a3', 'a4']) ask('a', name);
  ask('b');
  await settle();
  expect(refused).toEqual(['a4 rate-limited']);
});

test('a full queue drops the newest of the client with the most, then the newcomers', async () => {
  const { ask, begun, refused, next } = stage({ waitingMax: 3, waitingPerClientMax: 3 });
  ask('running');
  for (const name of ['a1', 'a2', 'a3']) ask('a', name);
  for (const client of ['b', 'c', 'd', 'e']) ask(client);
  await settle();
  expect(refused.toSorted()).toEqual([
    'a2 unavailable',
    'a3 unavailable',
    'd unavailable',
    'e unavailable',
  ]);
  for (let left = 4; left > 0; left--) await next();
  expect(begun).toEqual(['running', 'a1', 'b', 'c']);
  ask('f');
  await settle();
  expect(begun.at(-1)).toBe('f');
});

test('nothing is done for a client that has gone', async () => {
  const { ask, begun, refused, gone, next } = stage(roomy);
  for (const client of ['a', 'b', 'c']) ask(client);
  gone.add('b');
  await next();
  expect([begun, refused]).toEqual([['a', 'c'], ['b unavailable']]);
});

test('work that fails lets the next begin', async () => {
  const queue = new FairQueue({ runningMax: 1, retryAfterMs, ...roomy });
  const asker = { client: 'a', isGone: () => false };
  const failing = queue.run(asker, () => Promise.reject(new Error('broken')));
  const next = queue.run(asker, async () => 'done');
  await expect(failing).rejects.toThrow('broken');
  expect(await next).toBe('done');
});
