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

/** Joins, listens, reads and goes, again and again; gives what was told in each visit. */
export const comeAndGo = async (doings: Doings, visitor: Visitor): Promise<Visit[]> => {
  const { person } = visitor;
  const [s = ''] = doings.streams;
  const [circle = ''] = s.split('/');
  const history = () => persist(() => person.call(`GET ${messagesOf(circle)}?limit=200`));
  const visits: Visit[] = [];
  while (!doings.isOver) {
    await enter(visitor, circle);
    const names = [s, circle];
    const followers = names.map((name) => new RawFollower({ url: doings.url, person, s: name }));
    followers.forEach(visitor.onFollower);
    const before = doings.acknowledged.length;
    await until(() => doings.isOver || doings.acknowledged.length > before + 15, 'more posts');
    const told = new Map(names.map((name) => [name, new Set<number>()]));
    const { body, status } = await history();
    if (status !== 200) doings.faults.push(`a member was answered ${status}`);
    for (const { n } of body.messages ?? []) told.get(s)?.add(n);
    const key = uuid7();
    const left = await persist(() => visitor.leave(key));
    if (left.status !== 204) doings.faults.push(`leaving: ${left.status} ${left.text}`);
    const outside = await history();
    if (outside.status !== 404) doings.faults.push(`outside: ${outside.status} ${outside.text}`);
    const ended = doings.acknowledged.length;
    for (const follower of followers) await follower.done;
    await until(() => doings.isOver || doings.acknowledged.length > ended + 5, 'more posts');
    for (const follower of followers) {
      follower.stop();
      const fits = ['removed', 'not-found'].includes(follower.ended ?? '');
      if (!fits) doings.faults.push(`a visit ended with ${follower.ended}`);
      doings.faults.push(...follower.faults);
      for (const { n } of follower.events) told.get(follower.s)?.add(n);
    }
    visits.push({ person: person.id, told });
  }
  return visits;
};
