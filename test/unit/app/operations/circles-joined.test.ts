import { expect, test } from 'vitest';
import { limits } from '../../../../src/actors/limits.ts';
import { joiningCircles } from '../../../../src/app/operations/circles-joined.ts';
import type { OperationDeps } from '../../../../src/app/operations/operation.ts';
import { Refused } from '../../../../src/app/refusals.ts';
import { userAggregate } from '../../../../src/events/aggregate.ts';
import type { UserId } from '../../../../src/events/ids.ts';
import { event } from '../../../../src/events/kinds/kinds.ts';
import type { Position } from '../../../../src/events/position.ts';
import { until } from '../../../support/checkers/waiting.ts';
import { caller, edgeStage } from '../../../support/fixtures/edge-stage.ts';
import { epochMs } from '../../../support/fixtures/given.ts';
import { numbered } from '../../../support/generators/chatter.ts';

type Stage = Awaited<ReturnType<typeof edgeStage>>;

/** Gives somebody an account. */
const register = async ({ log, models }: Stage, user: number): Promise<UserId> => {
  const id = numbered(user) as UserId;
  const registered = event('user-registered', { username: `user-${user}` });
  log.record(userAggregate(id), [{ ...registered, at: epochMs, by: id }]);
  await until(async () => (await models.users.get(id)) !== undefined, 'the account');
  return id;
};

test('a person is in 200 circles: conversations do not count, nor circles that were deleted', async () => {
  const stage = await edgeStage();
  const { send } = stage;
  const ben = caller(2);
  const circleOf = (index: number) => numbered(1000 + index);
  for (const user of [1, 2, 3]) await register(stage, user);
  const found = (index: number, by = stage.ada) => {
    const input = { id: circleOf(index), name: 'Tea', visibility: 'public' };
    return send({ op: 'create-circle', input, by });
  };
  for (let index = 0; index < limits.circlesPerUserMax; index++) await found(index);
  expect(await found(limits.circlesPerUserMax)).toMatchObject({ code: 'too-many' });
  await found(limits.circlesPerUserMax, caller(3));
  for (let index = 0; index < 3; index++) {
    const user = await register(stage, 700 + index);
    expect(await send({ op: 'open-direct', input: { user }, by: ben })).toMatchObject({
      created: true,
    });
  }
  const join = (index: number) =>
    send({ op: 'join-circle', input: { circle: circleOf(index) }, by: ben });
  for (let index = 0; index < limits.circlesPerUserMax; index++) {
    expect(await join(index), `circle ${index}`).toMatchObject({ created: true });
  }
  expect(await join(limits.circlesPerUserMax)).toMatchObject({ code: 'too-many' });
  const user = await register(stage, 710);
  expect(await send({ op: 'open-direct', input: { user }, by: ben })).toMatchObject({
    created: true,
  });
  await send({ op: 'delete-circle', input: { id: circleOf(3) } });
  expect(await join(limits.circlesPerUserMax)).toMatchObject({ created: true });
});

test('many commands at a time, to make circles and to join them, do not pass the limit together', async () => {
  const stage = await edgeStage();
  const { send, models } = stage;
  for (const user of [1, 2]) await register(stage, user);
  const ben = caller(2);
  const create = (index: number, by = stage.ada) =>
    send({
      ...{ op: 'create-circle', by },
      input: { id: numbered(1000 + index), name: 'Tea', visibility: 'public' },
    });
  const open = 40;
  for (let index = 0; index < open; index++) await create(index, ben);
  const max = limits.circlesPerUserMax;
  for (let index = 0; index < max - 10; index++) await create(1000 + index);
  const answers = await Promise.all(
    Array.from({ length: open }, (_, index) => [
      create(2000 + index),
      send({ op: 'join-circle', input: { circle: numbered(1000 + index) } }),
    ]).flat(),
  );
  expect(answers.filter((answer) => (answer as { created?: true }).created)).toHaveLength(10);
  const refused = answers.filter((answer) => (answer as { code?: string }).code === 'too-many');
  expect(refused).toHaveLength(2 * open - 10);
  expect(await models.memberships.count(stage.ada.user, max + 1)).toBe(max);
});

test('while the read models do not show the last command, the next is unavailable, and nothing is recorded', async () => {
  const positions: Position[] = [];
  let isBehind = false;
  const joining = joiningCircles({
    models: { memberships: { count: async () => 0 } },
    barrier: {
      waitUntilApplied: async (position: Position) => {
        positions.push(position);
        if (isBehind) throw new Refused('unavailable');
      },
    },
  } as unknown as OperationDeps);
  let asked = 0;
  const join = () =>
    joining(caller(1), async () => {
      asked++;
      return { events: [], position: { partition: 3, seq: 7 }, repeated: false };
    });
  isBehind = true;
  await expect(join()).rejects.toThrow('unavailable');
  await expect(join()).rejects.toThrow('unavailable');
  expect(asked).toBe(1);
  isBehind = false;
  await join();
  expect(asked).toBe(2);
  expect(new Set(positions.map(({ partition, seq }) => `${partition}:${seq}`))).toEqual(
    new Set(['3:7']),
  );
});
