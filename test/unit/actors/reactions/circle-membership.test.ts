import { expect, onTestFinished, test } from 'vitest';
import { Actors } from '../../../../src/actors/actors.ts';
import { circleMembership } from '../../../../src/actors/reactions/circle-membership.ts';
import type { ReactionEvent } from '../../../../src/actors/reactions/reaction.ts';
import { circleAggregate, userAggregate } from '../../../../src/events/aggregate.ts';
import type { UserId } from '../../../../src/events/ids.ts';
import { type DataOf, type EventKind, event, kindsOf } from '../../../../src/events/kinds/kinds.ts';
import { memoryLog } from '../../../contract/doubles/memory-log.ts';
import { memorySnapshots } from '../../../support/checkers/tally.ts';
import { lookUpNothing } from '../../../support/fixtures/actors-stage.ts';
import { circle, member, owner } from '../../../support/fixtures/circle-past.ts';
import { epochMs } from '../../../support/fixtures/given.ts';
import { readAll } from '../../../support/fixtures/log-fixtures.ts';
import { numbered } from '../../../support/generators/chatter.ts';

/** The reaction on actors of its own; `members` is who was in a circle when it was deleted. */
const reacting = (members: readonly (readonly UserId[])[] = []) => {
  const log = memoryLog();
  const actors = new Actors({
    ...{ log, snapshots: memorySnapshots(), now: () => epochMs },
    lookUpMessages: lookUpNothing,
    onError: () => undefined,
  });
  onTestFinished(() => actors.stop());
  const asked: unknown[] = [];
  const reaction = circleMembership(actors, async function* pages(...at) {
    asked.push(at);
    yield* members;
  });
  const happens = <K extends EventKind>(n: number, k: K, d: DataOf<K>) =>
    reaction.react(
      { ...event(k, d), at: epochMs, by: owner, n, seq: n + 100 } as ReactionEvent,
      circleAggregate(circle),
    );
  const told = async (user: UserId) =>
    (await readAll(log, userAggregate(user))).flatMap(({ commit }) =>
      commit.events.map(({ k, d }) => `${k} ${'n' in d && d.n}`),
    );
  return { happens, told, asked, kinds: reaction.kinds };
};

test('who joins, leaves or is removed is told so in their own event stream', async () => {
  const { happens, told } = reacting();
  await happens(4, 'member-joined', { user: member });
  await happens(5, 'member-left', { user: member });
  await happens(6, 'member-joined', { user: member });
  await happens(7, 'member-removed', { user: member });
  expect(await told(member)).toEqual([
    'circle-joined 4',
    'circle-left 5',
    'circle-joined 6',
    'circle-left 7',
  ]);
});

test('what is told again, alone or after what came later, changes nothing', async () => {
  const { happens, told } = reacting();
  for (const round of [1, 2]) {
    await happens(4, 'member-joined', { user: member });
    await happens(5, 'member-left', { user: member });
    expect(await told(member), `round ${round}`).toEqual(['circle-joined 4', 'circle-left 5']);
  }
});

test('when a circle is deleted everybody who was in it is told', async () => {
  const { happens, told, asked } = reacting([[owner, member], [numbered(5) as UserId]]);
  for (const user of [owner, member, numbered(5)]) await happens(4, 'member-joined', { user });
  await happens(9, 'circle-deleted', {});
  expect(asked).toEqual([[circle, 109]]);
  for (const user of [owner, member, numbered(5) as UserId]) {
    expect(await told(user)).toEqual(['circle-joined 4', 'circle-left 9']);
  }
});

test('it asks for no other events, and rejects them', async () => {
  const { happens, kinds } = reacting();
  const others = Object.keys(kindsOf.circle).filter((kind) => !kinds.has(kind));
  expect(others.filter((kind) => /^member-(joined|left|removed)$|-deleted$/.test(kind))).toEqual([
    'stream-deleted',
  ]);
  const created = happens(2, 'stream-created', { id: circle, name: 'general' });
  await expect(created).rejects.toThrow('stream-created');
});
