import { expect, test } from 'vitest';
import { limits } from '../../../src/actors/limits.ts';
import { userAggregate } from '../../../src/events/aggregate.ts';
import type { UserId } from '../../../src/events/ids.ts';
import { event } from '../../../src/events/kinds.ts';
import { numbered } from '../../support/chatter.ts';
import { caller, edgeStage } from '../../support/edge-stage.ts';
import { epochMs } from '../../support/given.ts';
import { until } from '../../support/waiting.ts';

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
