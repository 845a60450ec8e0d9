import { expect } from 'vitest';
import type { ServerProcess } from '../../tools/servers/server-process.ts';
import { Audience } from '../support/checkers/audience.ts';
import { modelsOf } from '../support/checkers/rebuilt-models.ts';
import {
  asDelivered,
  eventsOf,
  gapsIn,
  replay,
  withoutDeletedTexts,
} from '../support/checkers/replayed-log.ts';
import { until } from '../support/checkers/waiting.ts';
import { privateCircle } from '../support/fixtures/private-circle.ts';
import { call } from '../support/fixtures/server-people.ts';
import { openStage } from '../support/fixtures/server-stage.ts';
import { startOwnMongod, testWithServers } from '../support/fixtures/servers.ts';
import { chance } from '../support/generators/chance.ts';
import { type Doings, talkByClient, talkByHand, talkByHttp } from '../support/generators/crowd.ts';

/** Kills each server behind in turn while people talk; they go on when it is back. */
const talkThroughOutages = async (doings: Doings, behind: readonly ServerProcess[]) => {
  const more = async (count: number): Promise<void> => {
    const goal = doings.acknowledged.length + count;
    await until(() => doings.acknowledged.length > goal, 'more posts');
  };
  await more(60);
  for (const server of behind) {
    await server.kill();
    await server.restart();
    await more(60);
  }
};

testWithServers(
  'a crash of NATS or of MongoDB loses and doubles nothing, and ends no connection [W4] [W8]',
  { timeout: 120_000 },
  async () => {
    const mongod = await startOwnMongod();
    const stage = await openStage('cluster', { OSHI_MONGODB_URL: `${mongod.url}/oshi` });
    const { url } = await stage.server();
    const crowd = await privateCircle(url);
    const { ann, ben, streams } = crowd;
    const doings: Doings = {
      ...{ url, streams, chance: chance(2) },
      ...{ acknowledged: [], faults: [], isOver: false },
    };
    const audience = new Audience(doings);
    const hers = audience.client(ann);
    for (const s of streams) {
      audience.listen(hers, s);
      audience.follow(ben, s);
    }
    const talking = [
      talkByClient(doings, ann, hers.client),
      talkByHand(doings, ben),
      talkByHttp(doings, ann),
    ];
    if (!stage.nats) throw new Error('the cluster engine has a nats-server');
    await talkThroughOutages(doings, [stage.nats, mongod, stage.nats]);
    doings.isOver = true;
    await Promise.all(talking);
    expect(hers.states.filter(({ state }) => state === 'open')).toHaveLength(1);
    const isApplied = async () =>
      (await call(url, 'GET /metrics')).text.includes('\noshi_projection_lag_commits 0\n');
    await until(isApplied, 'the read models to catch up');

    const lines = await replay(stage.env);
    expect(gapsIn(lines)).toEqual([]);
    for (const s of streams) {
      const log = eventsOf(lines, s);
      const ids = log.filter(({ k }) => k === 'message-posted').map(({ d }) => d.id);
      expect(new Set(ids).size).toBe(ids.length);
      const acknowledged = doings.acknowledged.filter((post) => post.s === s);
      expect(acknowledged.filter(({ id }) => !ids.includes(id))).toEqual([]);
      const all = [...audience.listeners, ...audience.followers].filter((each) => each.s === s);
      for (const { events } of all) {
        await until(() => events.at(-1)?.n === log.length, 'a listener to hear all');
        const told = log.slice(-events.length).map(asDelivered);
        expect(withoutDeletedTexts(events)).toEqual(withoutDeletedTexts(told));
      }
    }
    audience.close();
    expect(doings.faults).toEqual([]);
    expect(audience.followers.flatMap(({ faults }) => faults)).toEqual([]);
    expect((await (await stage.server()).stop()).code).toBe(0);
    const { live, rebuilt } = await modelsOf(stage);
    expect(live).toEqual(rebuilt[0]);
    await stage.close();
    await mongod.stop();
  },
);
