import { expect, test } from 'vitest';
import { limits } from '../../../../src/app/limits/limits.ts';
import type { ConnectionId, UserId } from '../../../../src/events/ids.ts';
import { Admissions, type Admitted } from '../../../../src/http/socket/admissions.ts';
import { type Close, closes } from '../../../../src/http/socket/close-codes.ts';
import type { Entries } from '../../../../src/hub/live/other-nodes.ts';
import { numbered } from '../../../support/generators/chatter.ts';

type AdmittedAt = readonly (readonly [string, number])[];

const max = limits.connectionsPerUserMax;
const [ann, bob] = [numbered(1), numbered(2)] as [UserId, UserId];

/** The connections to one node, whose clock the test sets, and what it tells the others. */
const stageOf = (node: string, time: { ms: number }) => {
  let entries: Entries<AdmittedAt> | undefined;
  const changed: string[] = [];
  const closed: string[] = [];
  const admissions = new Admissions<Admitted>({
    nodes: {
      replicate(_name, added) {
        entries = added as never;
        return (user) => changed.push(user);
      },
    },
    now: () => time.ms,
  });
  const connection = (name: string): Admitted => ({
    id: `${node} ${name}` as ConnectionId,
    close: (close: Close) => closed.push(`${node} ${name} ${close.code}`),
  });
  const admit = (name: string, user = ann): Admitted => {
    const made = connection(name);
    admissions.admit(made, user);
    return made;
  };
  const value = (user = ann) => entries?.value(user);
  /** Learns what another node says of its connections. */
  const hear = (from: string, said: AdmittedAt | undefined, user = ann) =>
    entries?.onChange({ node: from, key: user, value: said });
  return { admissions, admit, changed, closed, value, hear };
};

test('with more than 20 connections of a user, the oldest is closed, and those of others are not', () => {
  const { admissions, admit, closed } = stageOf('a', { ms: 1000 });
  admit('of bob', bob);
  const all = Array.from({ length: max + 2 }, (_, index) => admit(`${index}`));
  expect(closed).toEqual([`a 0 ${closes.replaced.code}`, `a 1 ${closes.replaced.code}`]);
  expect([...admissions.of(ann)]).toEqual(all.slice(2));
  expect([...admissions.of(bob)]).toHaveLength(1);
});

test('the oldest is closed by its own node, whichever it is, and by no other', () => {
  const time = { ms: 1000 };
  const [a, b] = [stageOf('a', time), stageOf('b', time)];
  a.admit('oldest');
  for (let index = 1; index < max; index++) {
    time.ms += 1;
    b.admit(`${index}`);
    b.hear('a', a.value());
  }
  a.hear('b', b.value());
  time.ms += 1;
  b.admit('one more');
  expect([a.closed, b.closed]).toEqual([[], []]);
  a.hear('b', b.value());
  expect([a.closed, b.closed]).toEqual([['a oldest 4409'], []]);
  b.hear('a', a.value());
  expect(b.closed).toEqual([]);
});

test('two nodes that admit one each at the same time close two, not one twice', () => {
  const time = { ms: 1000 };
  const [a, b] = [stageOf('a', time), stageOf('b', time)];
  for (let index = 0; index < max / 2; index++) {
    time.ms += 1;
    a.admit(`${index}`);
    b.admit(`${index}`);
  }
  const told = () => [a.value(), b.value()] as const;
  const exchange = ([ofA, ofB] = told()) => {
    a.hear('b', ofB);
    b.hear('a', ofA);
  };
  exchange();
  expect([...a.closed, ...b.closed]).toEqual([]);
  a.admit('new');
  b.admit('new');
  exchange();
  exchange();
  expect([a.closed, b.closed]).toEqual([['a 0 4409'], ['b 0 4409']]);
});

test('a connection is newer than all that its node knows, although clocks differ', () => {
  const [a, b] = [stageOf('a', { ms: 1000 }), stageOf('b', { ms: 2_000_000 })];
  for (let index = 0; index < max; index++) b.admit(`${index}`);
  a.hear('b', b.value());
  a.admit('new');
  expect(a.closed).toEqual([]);
  b.hear('a', a.value());
  expect(b.closed).toEqual(['b 0 4409']);
});

test('connections that have ended do not count, nor do those of a node that has', () => {
  const { admissions, admit, hear, changed, closed, value } = stageOf('a', { ms: 1000 });
  const first = admit('first');
  hear(
    'b',
    Array.from({ length: max - 1 }, (_, index) => [`b ${index}`, 1]),
  );
  admissions.remove(first, ann);
  expect(value()).toBeUndefined();
  admit('second');
  expect(closed).toEqual([]);
  hear('b', undefined);
  for (let index = 0; index < max - 1; index++) admit(`${index}`);
  expect(closed).toEqual([]);
  expect(value()).toHaveLength(max);
  expect(new Set(changed)).toEqual(new Set([ann]));
  admissions.remove(first, ann);
  expect(changed).toHaveLength(max + 2);
});
