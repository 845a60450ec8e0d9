import { expect, test } from 'vitest';
import { userAggregate } from '../../../src/events/aggregate.ts';
import type { UserId } from '../../../src/events/ids.ts';
import { meSnapshot } from '../../../src/hub/snapshot.ts';
import type { ReadModels } from '../../../src/projections/read-models.ts';
import { settle } from '../../support/doubles/virtual-time.ts';
import { hubStage, Viewer } from '../../support/fixtures/hub-stage.ts';
import { numbered, stamped } from '../../support/generators/chatter.ts';

const user = numbered(1) as UserId;
const circle = numbered(7);

test('a circle that one is told of before the n of a reset stands in the reset [W6]', async () => {
  const { log, hub, open } = await hubStage();
  const aggregate = userAggregate(user);
  const registered = stamped('user-registered', { username: 'ann' });
  log.record(aggregate, [registered]);
  const memberships: { circle: string }[] = [];
  const row = { _id: user, username: 'ann', registeredAt: registered.at };
  const models = {
    users: {
      /** While it is read somebody lets Ann in: the models show that, and then she is told. */
      row: async () => {
        await settle();
        memberships.push({ circle });
        log.record(aggregate, [stamped('circle-joined', { circle, n: 2 })]);
        await settle();
        return row;
      },
      getMany: async () => [],
    },
    memberships: {
      ofUser: async (...[, , kind]: unknown[]) => (kind === 'circle' ? memberships : []),
    },
    circles: {
      getMany: async (ids: string[]) =>
        new Map(
          ids.map((id) => [id, { _id: id, kind: 'circle', name: 'Tea', visibility: 'private' }]),
        ),
    },
  } as unknown as ReadModels;
  const { topic } = await open(new Viewer(1), 'me');
  const barrier = { waitUntilApplied: async () => undefined, applied: () => 0 };
  const deps = { hub, models, barrier: barrier as never, partitions: 1 };
  const { n, state } = await meSnapshot(deps, topic, user);
  expect(n).toBe(2);
  expect(state).toMatchObject({
    me: { user: { id: user }, circles: [{ id: circle, name: 'Tea' }] },
  });
});
