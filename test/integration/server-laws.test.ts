import { expect } from 'vitest';
import type { Reset } from '../../src/client/frames.ts';
import { Audience, newest } from '../support/checkers/audience.ts';
import { beginning, newestOf } from '../support/checkers/folded-stream.ts';
import { modelsOf } from '../support/checkers/rebuilt-models.ts';
import {
  asDelivered,
  eventsOf,
  gapsIn,
  type LogLine,
  placeOf,
  replay,
  withoutDeletedTexts,
} from '../support/checkers/replayed-log.ts';
import { until } from '../support/checkers/waiting.ts';
import { type PrivateCircle, privateCircle } from '../support/fixtures/private-circle.ts';
import { call, messagesOf, type Person } from '../support/fixtures/server-people.ts';
import { TestSocket } from '../support/fixtures/server-socket.ts';
import { type ServerStage, testOnOwnStages } from '../support/fixtures/server-stage.ts';
import { comeAndGo, type Visit } from '../support/fixtures/visits.ts';
import { chance } from '../support/generators/chance.ts';
import {
  type Doings,
  talkByClient,
  talkByHand,
  talkByHttp,
  tryToRead,
} from '../support/generators/crowd.ts';

const seed = 20_260_725;
const rounds = 4;
const postsPerRound = 120;

const it = testOnOwnStages();

type Scene = {
  readonly stage: ServerStage;
  readonly doings: Doings;
  readonly crowd: PrivateCircle;
  readonly audience: Audience;
};

/** Rounds of talking, each but the last broken off by a crash of the server. */
const talkInRounds = async ({ stage, doings, crowd, audience }: Scene): Promise<void> => {
  const said = () => doings.acknowledged.length;
  for (let round = 1; round <= rounds; round++) {
    // Who begins in the middle of it has a reset to go on from.
    for (const s of doings.streams) audience.listen(audience.client(crowd.ben), s);
    const goal = said() + postsPerRound;
    while (said() < goal) {
      const before = said();
      const more = doings.chance.under(12);
      await until(() => said() > before + more, 'more posts');
      audience.cut();
    }
    if (round === rounds) return;
    await (await stage.server()).kill();
    await stage.restart();
  }
};

/** Everybody does what they do until the rounds are over; the visits, and how often Eve tried to read. */
const live = async (scene: Scene): Promise<{ visits: readonly Visit[]; tries: number }> => {
  const { doings, crowd, audience } = scene;
  const { ann, ben, cleo, dan, eve, circle, invite } = crowd;
  const [hers, his] = [audience.client(ann), audience.client(ben)];
  for (const s of doings.streams) {
    audience.listen(hers, s);
    audience.follow(ben, s);
  }
  const visit = (person: Person, by: Person, who: string) =>
    comeAndGo(doings, {
      ...{ person, invite, onFollower: audience.include },
      leave: (key) =>
        by.call(`DELETE /v1/circles/${circle}/members/${who}`, undefined, {
          'idempotency-key': key,
        }),
    });
  const visiting = [visit(cleo, cleo, 'me'), visit(dan, ann, dan.id)];
  const trying = tryToRead(doings, eve);
  const talking = [
    talkByClient(doings, ann, hers.client),
    talkByClient(doings, ben, his.client),
    talkByHand(doings, ben),
    talkByHttp(doings, ann),
  ];
  try {
    await talkInRounds(scene);
  } finally {
    doings.isOver = true;
  }
  await Promise.all(talking);
  return { visits: (await Promise.all(visiting)).flat(), tries: await trying };
};

/** A reset and the events that follow it come to what a fresh reset says. */
const checkFolding = async ({ doings, crowd, audience }: Scene): Promise<void> => {
  const socket = await TestSocket.greet(doings.url, crowd.ann);
  for (const s of doings.streams) {
    const [, reset] = await socket.subscribe(s, { last: newest });
    const afresh = newestOf(beginning(reset as unknown as Reset), newest);
    const listeners = audience.listeners.filter((listener) => listener.s === s);
    expect(listeners.length).toBe(rounds + 1);
    for (const listener of listeners) {
      await until(() => (listener.state?.n ?? 0) >= afresh.n, `event ${afresh.n} for a listener`);
      expect(listener.state && newestOf(listener.state, newest)).toEqual(afresh);
    }
    for (const follower of audience.followers.filter((each) => each.s === s)) {
      await until(() => follower.n >= afresh.n, `event ${afresh.n} for a follower`);
    }
  }
  socket.close();
};

/** All pages of a stream's history. */
const historyOf = async ({ doings, crowd }: Scene, s: string) => {
  const path = `GET ${messagesOf(crowd.circle).replace(/streams.*/, `streams/${s.split('/')[1]}/messages`)}`;
  const pages: object[] = [];
  for (let after = 0, more = true; more; after = pages.length) {
    const { body } = await crowd.ben.call(`${path}?limit=200&after=${after}`);
    pages.push(...(body.messages ?? []));
    more = body.more?.after === true;
  }
  expect(doings.streams).toContain(s);
  return pages as { id: string; m: number; n: number; by: string; at: number }[];
};

/** Everything acknowledged stands in the log once, in history, and was told to everybody once, in order. */
const checkLog = async (
  scene: Scene,
  lines: readonly LogLine[],
  pages: ReadonlyMap<string, readonly object[]>,
) => {
  const { doings, audience } = scene;
  expect(gapsIn(lines)).toEqual([]);
  for (const s of doings.streams) {
    const log = eventsOf(lines, s);
    const posted = log.filter(({ k }) => k === 'message-posted');
    expect(posted.map(({ d }) => d.m)).toEqual(posted.map((_, index) => index + 1));
    const byId = new Map(posted.map((line) => [line.d.id, line]));
    expect(byId.size).toBe(posted.length);
    const acknowledged = doings.acknowledged.filter((post) => post.s === s);
    expect(
      acknowledged.map(({ id }) => byId.get(id)).map((line) => line && asDelivered(line)),
    ).toEqual(
      acknowledged.map(({ n, at, by, id, m, text }) => ({
        ...{ n, at, by, k: 'message-posted', d: { id, m, text, mentions: [] } },
      })),
    );
    expect(pages.get(s)?.map((message) => message)).toMatchObject(
      posted.map(({ d, n, at, by }) => ({ id: d.id, m: d.m, n, at, by })),
    );
    const listening = [...audience.listeners, ...audience.followers].filter((each) => each.s === s);
    for (const { events } of listening) {
      const from = events[0]?.n ?? log.length + 1;
      const told = log.slice(from - 1).map(asDelivered);
      expect(withoutDeletedTexts(events)).toEqual(withoutDeletedTexts(told));
    }
  }
};

/** Nobody was told of anything that happened after they had left, in whatever visit, on whatever path. */
const checkRights = (
  { crowd }: Scene,
  visits: readonly Visit[],
  lines: readonly LogLine[],
): void => {
  for (const { id } of [crowd.cleo, crowd.dan]) {
    const leaving = eventsOf(lines, crowd.circle).filter(
      ({ k, d }) => (k === 'member-left' || k === 'member-removed') && d.user === id,
    );
    const own = visits.filter(({ person }) => person === id);
    expect(own.length).toBeGreaterThan(2);
    expect(leaving.length).toBe(own.length);
    for (const [index, { told }] of own.entries()) {
      const end = leaving[index];
      for (const [s, numbers] of told) {
        const known = eventsOf(lines, s).filter(({ n }) => numbers.has(n));
        const late = known.filter((line) => placeOf(line) >= (end ? placeOf(end) : 0));
        expect(late).toEqual([]);
      }
    }
  }
};

it(
  `what is acknowledged stays, once, for those who may read it, whatever crashes [W4] [W6] [W7] [W8] [W11] [seed ${seed}]`,
  async ({ stage, url }) => {
    const crowd = await privateCircle(url);
    const doings: Doings = {
      ...{ url, streams: crowd.streams, chance: chance(seed) },
      ...{ acknowledged: [], faults: [], isOver: false },
    };
    const audience = new Audience(doings);
    const scene = { stage, doings, crowd, audience };
    const { visits, tries } = await live(scene);
    await checkFolding(scene);
    const pages = new Map<string, readonly object[]>();
    for (const s of doings.streams) pages.set(s, await historyOf(scene, s));
    audience.close();
    expect(doings.faults).toEqual([]);
    expect(audience.followers.flatMap(({ faults }) => faults)).toEqual([]);
    expect(tries).toBeGreaterThan(rounds);

    const isApplied = async () =>
      (await call(url, 'GET /metrics')).text.includes('\noshi_projection_lag_commits 0\n');
    await until(isApplied, 'the read models to catch up');
    const { code } = await (await stage.server()).stop();
    expect(code).toBe(0);
    const lines = await replay(stage.env);
    await checkLog(scene, lines, pages);
    checkRights(scene, visits, lines);
    const { live: kept, rebuilt } = await modelsOf(stage);
    expect(rebuilt[0]).toEqual(rebuilt[1]);
    expect(kept).toEqual(rebuilt[0]);
    expect(Object.keys(kept.messages ?? {}).length).toBeGreaterThan(rounds * postsPerRound);
  },
  { timeout: 180_000 },
);
