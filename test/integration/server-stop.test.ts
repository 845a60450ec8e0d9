import { once } from 'node:events';
import { connect } from 'node:net';
import { expect } from 'vitest';
import { Audience } from '../support/checkers/audience.ts';
import { eventsOf, replay } from '../support/checkers/replayed-log.ts';
import { until } from '../support/checkers/waiting.ts';
import { type PrivateCircle, privateCircle } from '../support/fixtures/private-circle.ts';
import { TestSocket } from '../support/fixtures/server-socket.ts';
import { type ServerStage, testOnOwnStages } from '../support/fixtures/server-stage.ts';
import { chance } from '../support/generators/chance.ts';
import { type Doings, talkByClient, talkByHand, talkByHttp } from '../support/generators/crowd.ts';

const it = testOnOwnStages();

type Scene = {
  readonly stage: ServerStage;
  readonly doings: Doings;
  readonly crowd: PrivateCircle;
  readonly audience: Audience;
};

const sceneOn = async (stage: ServerStage): Promise<Scene> => {
  const { url } = await stage.server();
  const crowd = await privateCircle(url);
  const doings: Doings = {
    ...{ url, streams: crowd.streams, chance: chance(1) },
    ...{ acknowledged: [], faults: [], isOver: false },
  };
  return { stage, doings, crowd, audience: new Audience(doings) };
};

/** Stops the server while everybody talks, and starts it again; what each idle socket heard last. */
const stopUnderLoad = async ({ stage, doings, crowd }: Scene, signal: NodeJS.Signals) => {
  const people = [crowd.ann, crowd.ben, crowd.cleo, crowd.eve];
  const idle = await Promise.all(people.map((person) => TestSocket.greet(doings.url, person)));
  await idle[0]?.subscribe(crowd.circle);
  await until(() => doings.acknowledged.length > 150, 'posts before the stop');
  const ending = await (await stage.server()).stop(signal);
  const closings = await Promise.all(idle.map((socket) => socket.closed));
  await stage.restart();
  await until(() => doings.acknowledged.length > 300, 'posts after the stop');
  return { ending, closings, last: idle.map(({ frames }) => frames.at(-1)) };
};

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  it(`${signal} under load: bye to everybody, exit code 0, and nothing is lost [W7] [W15]`, async ({
    stage,
  }) => {
    const scene = await sceneOn(stage);
    const { doings, crowd, audience } = scene;
    const { ann, ben, streams } = crowd;
    const [hers, his] = [audience.client(ann), audience.client(ben)];
    for (const s of streams) {
      audience.listen(hers, s);
      audience.listen(his, s);
      audience.follow(ben, s);
    }
    const talking = [
      talkByClient(doings, ann, hers.client),
      talkByClient(doings, ben, his.client),
      talkByHand(doings, ben),
      talkByHttp(doings, ann),
    ];
    const { ending, closings, last } = await stopUnderLoad(scene, signal);
    doings.isOver = true;
    await Promise.all(talking);

    // The server breaks a stop off by itself, with code 1, before 10 s are over.
    expect([ending.code, ending.stderr]).toEqual([0, '']);
    expect(ending.stdout).toContain(`${signal}: stopping`);
    expect(closings.map(({ code }) => code)).toEqual([4503, 4503, 4503, 4503]);
    for (const bye of last) {
      expect(bye).toMatchObject({ t: 'bye', code: 4503, after: expect.any(Number) });
    }
    expect(hers.states.filter(({ state }) => state === 'open').length).toBeGreaterThan(1);

    const lines = await replay(stage.env);
    for (const s of streams) {
      const log = eventsOf(lines, s);
      const posted = new Set(log.map(({ d }) => d.id));
      const acknowledged = doings.acknowledged.filter((post) => post.s === s);
      expect(acknowledged.filter(({ id }) => !posted.has(id))).toEqual([]);
      const listening = [...audience.listeners, ...audience.followers].filter(
        (each) => each.s === s,
      );
      for (const { events } of listening) {
        await until(() => events.at(-1)?.n === log.length, 'a listener to hear all');
        expect(events.map(({ n }) => n)).toEqual(log.slice(-events.length).map(({ n }) => n));
      }
    }
    audience.close();
    expect(doings.faults).toEqual([]);
    expect(audience.followers.flatMap(({ faults }) => faults)).toEqual([]);
  });
}

it('a second signal changes nothing; connections that come meanwhile are turned away', async ({
  stage,
  url,
}) => {
  const server = await stage.server();
  const socket = await TestSocket.open(url);
  process.kill(server.pid, 'SIGTERM');
  process.kill(server.pid, 'SIGINT');
  const { code } = await server.ended;
  expect(code).toBe(0);
  await socket.closed;
  await expect(TestSocket.open(url)).rejects.toThrow(/ECONNREFUSED/);
});

it('a request over an open connection is answered while it stops, and the connection ends then', async ({
  stage,
  url,
}) => {
  const server = await stage.server();
  const { hostname, port } = new URL(url);
  const body = JSON.stringify({ username: 'nobody', password: 'correct horse battery' });
  const head = `Host: here\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
  const socket = connect({ host: hostname, port: Number(port) });
  let answers = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    answers += text;
  });
  // Not complete, so that the connection is in use when the server stops.
  socket.write(`POST /v1/sessions HTTP/1.1\r\n${head}`);
  await until(async () => (await fetch(`${url}/healthz`)).ok, 'a later request to be answered');
  process.kill(server.pid, 'SIGTERM');
  const isRefused = () =>
    fetch(`${url}/healthz`).then(
      () => false,
      () => true,
    );
  await until(isRefused, 'new connections to be refused');
  socket.write(`${body}POST /v1/sessions HTTP/1.1\r\n${head}${body}`);
  await once(socket, 'close');
  expect(answers.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 401', 'HTTP/1.1 401']);
  expect((await server.ended).code).toBe(0);
});
