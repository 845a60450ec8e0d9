import { getuid } from 'node:process';
import { expect, test } from 'vitest';
import { uuid7 } from '../../src/events/ids.ts';
import { freePort } from '../../tools/servers/place.ts';
import { eventsOf, gapsIn, replay } from '../support/checkers/replayed-log.ts';
import {
  call,
  type HttpAnswer,
  makeCircle,
  messagesOf,
  type Person,
  password,
  patiently,
  personOf,
  post,
  register,
} from '../support/fixtures/server-people.ts';
import {
  type Environment,
  type OshiServer,
  startOshi,
} from '../support/fixtures/server-process.ts';
import { testWithServers } from '../support/fixtures/servers.ts';
import { type TightSpace, tightAccount, tightDisk } from '../support/fixtures/tight-space.ts';

type People = readonly [Person, Person, Person];
/** A circle of these people, and a message in it by the first of them. */
type Told = { readonly people: People; readonly circle: string; readonly id: string };

/** Starts a server with this environment, again on the same port. */
type Starting = { readonly env: Environment; readonly start: () => Promise<OshiServer> };

const mebibyte = 1024 ** 2;
/** In MiB; more than is written between two measurements, however fast the disk is. */
const reserve = 96;
const enoughBytes = reserve * 1.25 * mebibyte;
const done = [201, 200, 200, 204, 204, 204, 204, 204, 200, 200];
const text = 'x'.repeat(4000);

const isRefused = ({ status, body }: HttpAnswer): boolean =>
  status === 507 && body.code === 'out-of-space' && body.retryAfter === undefined;

/** Posts until there is no space; the ids of what was acknowledged. */
const postUntilRefused = async (author: Person, circle: string): Promise<string[]> => {
  const acknowledged: string[] = [];
  for (;;) {
    const answer = await patiently(() => post(author, circle, { text }));
    if (isRefused(answer)) return acknowledged;
    expect(answer.status).toBe(201);
    acknowledged.push(answer.body.id ?? '');
  }
};

/** The metrics of space. */
const metricsOf = async (url: string) => {
  const { text: all } = await call(url, 'GET /metrics');
  const metric = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(all)?.[1]);
  return { free: metric('oshi_free_bytes'), refused: metric('oshi_content_refused') };
};

/** The statuses of what must work without space. */
const upkeep = async (url: string, { people, circle, id }: Told): Promise<number[]> => {
  const [ann, ben, cyn] = people;
  const login = await call(url, 'POST /v1/sessions', {
    body: { username: ben.username, password },
  });
  const again = personOf(url, login.body);
  const members = `/v1/circles/${circle}/members`;
  const stream = `/v1/circles/${circle}/streams/${circle}`;
  const answers = [
    login,
    await ann.call(`GET ${messagesOf(circle)}`),
    await ann.call(`PUT ${stream}/read`, { m: 1 }),
    await ann.call(`DELETE ${messagesOf(circle)}/${id}`),
    await ann.call(`DELETE ${members}/${cyn.id}`),
    await again.call('PUT /v1/me/password', { password, newPassword: `${password} 2` }),
    await again.call(`DELETE ${members}/me`),
    await again.call('DELETE /v1/sessions/current'),
    await ann.call(`PATCH ${stream}`, { archived: true }),
    await ann.call(`PATCH ${stream}`, { archived: false }),
  ];
  return answers.map(({ status }) => status);
};

/** What shows operators and clients that there is no space. */
const expectRefusing = async (server: OshiServer, { people, circle, id }: Told): Promise<void> => {
  const { url } = server;
  const [ann] = people;
  const { free, refused } = await metricsOf(url);
  expect({ refused, isLow: free < enoughBytes }).toEqual({ refused: 1, isLow: true });
  const ready = await call(url, 'GET /readyz');
  expect([ready.status, ready.text]).toEqual([200, expect.stringContaining('OSHI_DISK_RESERVE')]);
  const repeated = await post(ann, circle, { id, text });
  expect([repeated.status, repeated.body.id]).toEqual([200, id]);
  const body = { username: `dan-${uuid7().slice(-12)}`, password };
  expect(isRefused(await call(url, 'POST /v1/users', { body }))).toBe(true);
  expect(isRefused(await post(ann, circle))).toBe(true);
};

const registered = async (url: string): Promise<People> => [
  await register(url, 'ann'),
  await register(url, 'ben'),
  await register(url, 'cyn'),
];

const outOfSpace = async (space: TightSpace, { env, start }: Starting): Promise<void> => {
  const first = await start();
  const { url } = first;
  const people = await registered(url);
  const [ann] = people;
  const circle = await makeCircle(ann, people.slice(1));
  expect((await call(url, 'GET /readyz')).text).toBe('{"status":"ok"}');
  await space.leave((reserve + 2) * mebibyte);

  const posted = await Promise.all(people.map((one) => postUntilRefused(one, circle)));
  const [id = ''] = posted[0] ?? [];
  const told = { people, circle, id };
  await first.said(/New content is refused: /);
  await expectRefusing(first, told);
  await first.stop();

  const second = await start();
  expect(second.stdout()).toContain('New content is refused: ');
  await expectRefusing(second, told);
  expect(await upkeep(url, told)).toEqual(done);
  await space.enlarge();
  await second.said(/New content is accepted again/);
  expect((await post(ann, circle)).status).toBe(201);
  expect(await metricsOf(url)).toMatchObject({ refused: 0 });
  expect((await call(url, 'GET /readyz')).text).toBe('{"status":"ok"}');
  expect((await second.stop()).code).toBe(0);

  const lines = await replay(env);
  expect(gapsIn(lines)).toEqual([]);
  const inLog = eventsOf(lines, `${circle}/${circle}`)
    .filter(({ k }) => k === 'message-posted')
    .map(({ d }) => d.id);
  expect(new Set(inLog).size).toBe(inLog.length);
  expect(posted.flat().filter((each) => !inLog.includes(each))).toEqual([]);
};

const title =
  'below the reserve posts and registrations are refused, the rest works and nothing is lost; with space again all of it does, without a restart';

const on = (open: () => Promise<TightSpace>) => async (): Promise<void> => {
  const space = await open();
  const settings = { OSHI_RATE_LIMITS: 'off', OSHI_DISK_RESERVE: `${reserve}` };
  const env = { ...settings, OSHI_PORT: `${await freePort()}`, ...space.env };
  let server: OshiServer | undefined;
  const start = async (): Promise<OshiServer> => {
    server = await startOshi(env);
    return server;
  };
  try {
    await outOfSpace(space, { env, start });
  } finally {
    await server?.kill();
    await space.close();
  }
};

test.skipIf(getuid?.() !== 0)(`${title} (embedded)`, on(tightDisk));
testWithServers(`${title} (cluster)`, on(tightAccount));
