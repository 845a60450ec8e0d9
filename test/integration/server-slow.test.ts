import { expect } from 'vitest';
import { uuid7 } from '../../src/events/ids.ts';
import { makeCircle, type Person, registerAll } from '../support/fixtures/server-people.ts';
import { TestSocket } from '../support/fixtures/server-socket.ts';
import { testOnSetStages } from '../support/fixtures/server-stage.ts';

const it = testOnSetStages({ OSHI_MESSAGE_MAX: '16000' });

/** 45 kB on the wire each: so many are more than the buffers of the kernel's two ends can hold. */
const text = '界'.repeat(15_000);
const count = 400;

const from = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

/** Ann posts, Ben reads as it comes, Cleo does not read: her socket is left alone by this process. */
const meeting = async (url: string) => {
  const people = await registerAll(url, ['ann', 'ben', 'cleo']);
  const [ann, ben, cleo] = people as [Person, Person, Person];
  const circle = await makeCircle(ann, [ben, cleo]);
  const s = `${circle}/${circle}`;
  const [author, reader, slow] = await Promise.all(
    people.map((person) => TestSocket.greet(url, person)),
  );
  if (!(author && reader && slow)) throw new Error('three sockets were asked for');
  await Promise.all([reader.subscribe(s), slow.subscribe(s)]);
  const say = async (times: number): Promise<void> => {
    const posts = from(1, times).map(() =>
      author.command('post-message', { s, id: uuid7(), text }),
    );
    for (const answer of await Promise.all(posts)) expect(answer.t).toBe('ok');
  };
  const end = (): void => {
    for (const socket of [author, reader, slow]) socket.close();
  };
  return { circle, s, cleo, author, reader, slow, say, end };
};

const numbersOf = (socket: TestSocket, s: string): number[] => socket.events(s).map(({ n }) => n);

it('who does not read costs others nothing, and misses nothing when they read again [W13]', async ({
  url,
}) => {
  const { s, reader, slow, say, end } = await meeting(url);
  slow.socket.pause();
  await say(count);
  await reader.event(s, count + 1);
  expect(numbersOf(reader, s)).toEqual(from(2, count + 1));
  // All has been sent that can be: what Cleo's side holds is not all of it.
  expect(numbersOf(slow, s).length).toBeLessThan(count);

  slow.socket.resume();
  await slow.event(s, count + 1);
  await say(1);
  await Promise.all([slow.event(s, count + 2), reader.event(s, count + 2)]);
  expect(numbersOf(slow, s)).toEqual(from(2, count + 2));
  expect(slow.frames.filter(({ t }) => t === 'reset')).toHaveLength(1);
  expect(slow.events(s)).toEqual(reader.events(s));
  end();
});

it('who is removed while they do not read is told all before it, then end [W11] [W13]', async ({
  url,
}) => {
  const { circle, s, cleo, author, reader, slow, say, end } = await meeting(url);
  slow.socket.pause();
  await say(count);
  await author.command('remove-member', { circle, user: cleo.id });
  await say(5);
  await reader.event(s, count + 6);
  slow.socket.resume();
  const last = await slow.until(({ t }) => t === 'end');
  expect(last).toEqual({ t: 'end', s, code: 'removed' });
  await slow.settled();
  expect(numbersOf(slow, s)).toEqual(from(2, count + 1));
  expect(slow.frames.findLast((frame) => frame.s === s)).toBe(last);
  end();
});

it('who asks much and does not read is read from later, and answered all of it [W13] [W16]', async ({
  url,
}) => {
  const { s, author, reader, slow, say, end } = await meeting(url);
  await say(20);
  slow.socket.pause();
  const asked = from(1, 100).map(() => slow.ask({ t: 'get', s, limit: 20 }));
  // Others are answered meanwhile.
  for (let round = 0; round < 20; round++) await reader.ask({ t: 'get', s, limit: 1 });
  await say(1);
  slow.socket.resume();
  const pages = await Promise.all(asked);
  expect(pages.every(({ d }) => (d?.messages?.length ?? 0) > 0)).toBe(true);
  const order = slow.frames.filter(({ id }) => id !== undefined).map(({ id }) => id);
  expect(order.slice(-100)).toEqual(pages.map(({ id }) => id));
  await author.settled();
  end();
});
