import { uuid7 } from '../../src/events/ids.ts';
import { type Doings, persist } from './crowd.ts';
import { RawFollower } from './raw-follower.ts';
import { type HttpAnswer, messagesOf, type Person } from './server-people.ts';
import { until } from './waiting.ts';

/** A time between joining and leaving, and the numbers of all events that were told in it, on any path. */
export type Visit = {
  readonly person: string;
  /** By event stream. */
  readonly told: ReadonlyMap<string, ReadonlySet<number>>;
};

export type Visitor = {
  readonly person: Person;
  readonly invite: string;
  /** How the visits end; asked again with the same key until it is answered. */
  leave(key: string): Promise<HttpAnswer>;
  /** Told of each follower, so that it can be cut off. */
  onFollower(follower: RawFollower): void;
};

const enter = async ({ person, invite }: Visitor, circle: string): Promise<void> => {
  const join = () => person.call(`PUT /v1/circles/${circle}/members/me`, { invite });
  const { status, text } = await persist(join);
  if (status >= 300) throw new Error(`${person.username} could not join: ${status} ${text}`);
};

/** How a subscription may be over for somebody who was removed, perhaps between its `sub` and the answer. */
const endings = ['removed', 'not-found', 'forbidden'];

/** Waits until so many more posts are acknowledged, or it is over. */
const more = async (doings: Doings, count: number): Promise<void> => {
  const goal = doings.acknowledged.length + count;
  await until(() => doings.isOver || doings.acknowledged.length > goal, 'more posts');
};

const visit = async (doings: Doings, visitor: Visitor): Promise<Visit> => {
  const { person } = visitor;
  const [s = ''] = doings.streams;
  const [circle = ''] = s.split('/');
  const expectStatus = ({ status, text }: HttpAnswer, expected: number): void => {
    if (status !== expected) doings.faults.push(`${expected} was due, not ${status} ${text}`);
  };
  const history = () => persist(() => person.call(`GET ${messagesOf(circle)}?limit=200`));
  await enter(visitor, circle);
  const names = [s, circle];
  const followers = names.map((name) => new RawFollower({ url: doings.url, person, s: name }));
  for (const follower of followers) visitor.onFollower(follower);
  await more(doings, 15);
  const inside = await history();
  expectStatus(inside, 200);
  const key = uuid7();
  expectStatus(await persist(() => visitor.leave(key)), 204);
  expectStatus(await history(), 404);
  for (const follower of followers) await follower.done;
  await more(doings, 5);
  for (const { faults, ended = 'nothing' } of followers) {
    doings.faults.push(...faults);
    if (!endings.includes(ended)) doings.faults.push(`a visit ended with ${ended}`);
  }
  const told = new Map(
    followers.map(({ s: name, events }) => [name, new Set(events.map(({ n }) => n))]),
  );
  for (const { n } of inside.body.messages ?? []) told.get(s)?.add(n);
  for (const follower of followers) follower.stop();
  return { person: person.id, told };
};

/** Joins, listens, reads and goes, again and again; gives what was told in each visit. */
export const comeAndGo = async (doings: Doings, visitor: Visitor): Promise<Visit[]> => {
  const visits: Visit[] = [];
  while (!doings.isOver) visits.push(await visit(doings, visitor));
  return visits;
};
