import { expect, test } from 'vitest';
import type { LoggedEvent } from '../../../../src/events/commit.ts';
import type { CircleId, UserId } from '../../../../src/events/ids.ts';
import { type Membership, Roster } from '../../../../src/hub/live/roster.ts';
import { numbered, stamped } from '../../../support/generators/chatter.ts';

const ann = numbered(1) as UserId;
const [tea, chess] = [numbered(101), numbered(102)] as CircleId[] as [CircleId, CircleId];
const joined = (user: string): LoggedEvent => stamped('member-joined', { user });
const left = (user: string): LoggedEvent => stamped('member-left', { user });

/** A roster whose look-up the test answers, or lets fail. */
const stageOf = (heard = 10) => {
  type Answer = { resolve(found: readonly Membership[]): void; reject(error: Error): void };
  const asked: Answer[] = [];
  const errors: Error[] = [];
  const joins: CircleId[] = [];
  const roster = new Roster({
    circlesOf: () => new Promise((resolve, reject) => asked.push({ resolve, reject })),
    received: () => heard,
    now: () => 0,
    onKnown: () => undefined,
    onJoined: (circle) => joins.push(circle),
    onError: (error) => errors.push(error),
  });
  const person = roster.expect(ann);
  const knowing = roster.know(person);
  const answer = async (...memberships: Membership[]): Promise<void> => {
    asked.at(-1)?.resolve(memberships);
    await knowing;
  };
  return { roster, person, errors, joins, asked, answer };
};

test('what was heard while the circles were looked up is newer than what was found', async () => {
  const { roster, person, answer } = stageOf();
  roster.apply(tea, left(ann), 11);
  roster.apply(chess, joined(ann), 12);
  await answer({ circle: tea, joinedSeq: 3 });
  expect([...person.circles.keys()]).toEqual([chess]);
  expect([roster.members(tea).size, roster.members(chess).size]).toEqual([0, 1]);
});

test('a joining that was found but not heard yet counts when it is heard', async () => {
  const { roster, person, joins, answer } = stageOf(10);
  await answer({ circle: tea, joinedSeq: 11 }, { circle: chess, joinedSeq: 10 });
  expect([...person.circles.keys()]).toEqual([chess]);
  roster.apply(tea, joined(ann), 11);
  expect(joins).toEqual([chess, tea]);
  expect(roster.members(tea)).toContain(person);
});

test('it is looked up once for all who ask, and again after it failed', async () => {
  const { roster, person, errors, asked } = stageOf();
  const again = roster.know(person);
  expect(asked).toHaveLength(1);
  asked[0]?.reject(new Error('away'));
  await again;
  expect([person.isKnown, errors.length]).toEqual([false, 1]);
  const third = roster.know(person);
  asked[1]?.resolve([{ circle: tea, joinedSeq: 1 }]);
  await third;
  await roster.know(person);
  expect([person.isKnown, asked.length, roster.members(tea).size]).toEqual([true, 2, 1]);
});

test('whoever is forgotten meanwhile is in no circle', async () => {
  const { roster, person, answer } = stageOf();
  roster.forget(person);
  await answer({ circle: tea, joinedSeq: 1 });
  expect([roster.members(tea).size, roster.person(ann)]).toEqual([0, undefined]);
});

test('those whom it does not know, and other events, change nothing', () => {
  const { roster, joins } = stageOf();
  roster.apply(tea, joined(numbered(2)), 11);
  roster.apply(tea, stamped('circle-updated', { name: 'Tea' }), 12);
  expect([joins, roster.members(tea).size]).toEqual([[], 0]);
});
