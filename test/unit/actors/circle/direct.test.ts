import fc from 'fast-check';
import { expect, test } from 'vitest';
import { circleRules } from '../../../../src/actors/circle/rules.ts';
import { isRefusal } from '../../../../src/actors/decision.ts';
import { directCircle, type UserId } from '../../../../src/events/ids.ts';
import { event } from '../../../../src/events/kinds/kinds.ts';
import { memoryLog } from '../../../contract/doubles/memory-log.ts';
import { actorsStage } from '../../../support/fixtures/actors-stage.ts';
import {
  by,
  circle,
  direct,
  everyCommand,
  joined,
  member,
  outsider,
  owner,
} from '../../../support/fixtures/circle-past.ts';
import { epochMs, givenBy } from '../../../support/fixtures/given.ts';

const given = givenBy(circleRules);
const open = (user: UserId, other: UserId) =>
  ({ ...by(user), op: 'open-direct', id: circle, user: other }) as const;

test('a conversation of two begins with both of them, without an owner [H3]', () => {
  given([])
    .when(open(owner, member))
    .records(
      event('circle-created', { kind: 'direct', name: '', visibility: 'private' }),
      joined(owner),
      joined(member),
      event('stream-created', { id: circle, name: 'general' }),
    );
});

test('opening it again, by whomever of the two, changes nothing [W8]', () => {
  given(direct).when(open(owner, member)).repeats();
  given(direct).when(open(member, owner)).repeats();
  given(direct).when(open(outsider, member)).refuses('not-found');
});

test('nobody leaves, joins, renames or deletes a conversation of two [H3]', () => {
  const allowed = new Set(['set-member-data']);
  for (const user of [owner, member]) {
    for (const command of everyCommand(user)) {
      if (allowed.has(command.op)) continue;
      given(direct).when(command).refuses('forbidden');
    }
  }
});

test('however often at once, by both and over restarts, there is one conversation', async () => {
  const id = directCircle(owner, member);
  expect(directCircle(member, owner)).toBe(id);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ mine: fc.boolean(), restarts: fc.boolean() }), { maxLength: 20 }),
      async (opens) => {
        const log = memoryLog();
        let stage = actorsStage(log);
        const asked: Promise<unknown>[] = [];
        for (const { mine, restarts } of opens) {
          if (restarts) {
            await Promise.all(asked);
            stage = actorsStage(log);
          }
          const [user, other] = mine ? [owner, member] : [member, owner];
          const command = { ...by(user, epochMs), op: 'open-direct', id, user: other } as const;
          asked.push(stage.actors.askCircle(id, command));
        }
        const outcomes = (await Promise.all(asked)) as { events: readonly unknown[] }[];
        expect(outcomes.filter(isRefusal)).toEqual([]);
        const kinds = await stage.kinds(id);
        const once = ['circle-created', 'member-joined', 'member-joined', 'stream-created'];
        expect(kinds).toEqual(opens.length === 0 ? [] : once);
        expect(outcomes.filter(({ events }) => events.length > 0)).toHaveLength(
          Math.min(1, opens.length),
        );
      },
    ),
    { seed: 81_32, numRuns: 100 },
  );
});
