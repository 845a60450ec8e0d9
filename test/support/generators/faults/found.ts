import { circleAggregate, partitionOf } from '../../../../src/events/aggregate.ts';
import { type CircleId, uuid7 } from '../../../../src/events/ids.ts';
import { type Person, registerAll } from '../../fixtures/server-people.ts';
import { TestSocket } from '../../fixtures/server-socket.ts';
import type { Talk } from './talk.ts';

/** More messages than a stream's state keeps, so that ids are told apart of which it knows nothing. */
const oldMessages = 1_100;
const newcomersCount = 60;
const writersCount = 6;

export type People = {
  readonly writers: readonly Person[];
  /** They have not been seen by the server that runs: each comes once. */
  readonly newcomers: Person[];
};

/** Makes a public circle in which everybody is. */
const makeTogether = async (id: string, [owner, ...others]: readonly Person[]): Promise<string> => {
  const made = await owner?.call(`PUT /v1/circles/${id}`, { name: 'Tea', visibility: 'public' });
  const joining = others.map((other) => other.call(`PUT /v1/circles/${id}/members/me`, {}));
  const statuses = [made, ...(await Promise.all(joining))].map((answer) => answer?.status);
  if (statuses.some((status) => status !== 201)) throw new Error(`making a circle: ${statuses}`);
  return id;
};

/** Registers people, makes a circle in each partition, and fills one of them. */
export const found = async (
  url: string,
  partitions: number,
): Promise<People & Pick<Talk, 'streams' | 'posted'>> => {
  const names = (count: number) => Array.from({ length: count }, (_, index) => `p${index}`);
  const writers = await registerAll(url, names(writersCount));
  const newcomers: Person[] = [];
  while (newcomers.length < newcomersCount) {
    newcomers.push(...(await registerAll(url, names(10))));
  }
  const [owner] = writers;
  if (!owner) throw new Error('nobody is there');
  const circles = await Promise.all(
    Array.from({ length: partitions }, (_, partition) => {
      let id = uuid7();
      while (partitionOf(circleAggregate(id as CircleId), partitions) !== partition) id = uuid7();
      return makeTogether(id, writers);
    }),
  );
  const streams = circles.map((circle) => `${circle}/${circle}`);
  const socket = await TestSocket.greet(url, owner);
  const posted = new Map<string, string>();
  while (posted.size < oldMessages) {
    const posts = Array.from({ length: 20 }, () => ({ s: streams[0], id: uuid7(), text: 'old' }));
    await Promise.all(posts.map((d) => socket.command('post-message', d)));
    for (const { id, text } of posts) posted.set(id, text);
  }
  socket.close();
  return { writers, newcomers, streams, posted };
};
