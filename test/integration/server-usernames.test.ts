import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { configOf } from '../../src/config.ts';
import { openEngine } from '../../src/engine/engine.ts';
import { nameAggregate, userAggregate } from '../../src/events/aggregate.ts';
import { until } from '../support/checkers/waiting.ts';
import { aUser, Writer } from '../support/fixtures/log-fixtures.ts';
import { call, password, register } from '../support/fixtures/server-people.ts';
import { testOnEngines, testOnOwnStages } from '../support/fixtures/server-stage.ts';
import { stamped } from '../support/generators/chatter.ts';

const it = testOnEngines();
const itAlone = testOnOwnStages();

const registering = (url: string, username: string) =>
  call(url, 'POST /v1/users', { body: { username, password } });

/** No letter of it looks like another. */
const tag = (): string => randomUUID().slice(0, 8).replace(/[01]/g, 'x');

it('usernames that look alike are one, however many ask at once [H6]', async ({ url }) => {
  const end = tag();
  const names = ['adm1n', 'admln', 'admIn', 'adm\u2160n', 'adm\uff11n', 'ADM1N', 'adrn1n'];
  const answers = await Promise.all(names.map((name) => registering(url, `${name}-${end}`)));
  expect(answers.map(({ status }) => status).toSorted()).toEqual([201, ...Array(6).fill(409)]);
  const refused = answers.filter(({ status }) => status === 409);
  for (const { body } of refused) {
    expect(body).toMatchObject({ code: 'username-taken', field: 'username' });
  }
  expect((await registering(url, `adam-${end}`)).status).toBe(201);
});

it('a username in mixed scripts, or with what cannot be seen, is a bad request with the field [H6]', async ({
  url,
}) => {
  for (const username of ['\u0430dmin', 'ad\u034fmin', 'ad\u200dmin', '\u3164\u3164', '1\u0966']) {
    const { status, body } = await registering(url, username);
    expect([status, body.code, body.field], username).toEqual([400, 'bad-request', 'username']);
  }
  const name = `日本語${tag()}`;
  expect((await registering(url, name)).status).toBe(201);
  const ann = await register(url);
  const found = await ann.call(`GET /v1/users?username=${encodeURIComponent(name)}`);
  expect(found.body.user?.username).toBe(name);
});

/** How many events a server has appended since its start. */
const appended = async (url: string): Promise<number> =>
  Number(/^oshi_events_appended_total (\d+)$/m.exec((await call(url, 'GET /metrics')).text)?.[1]);

itAlone(
  'accounts from before keep their names, and the first of them gets the look',
  async ({ stage, url }) => {
    await (await stage.server()).stop();
    const engine = await openEngine(configOf(stage.env), {
      onError: () => {},
      onWarning: () => {},
    });
    const users: Record<string, string> = {};
    for (const username of ['Adm1n', 'admln']) {
      const user = aUser();
      users[username] = user;
      const [name, account] = [nameAggregate(username.toLowerCase()), userAggregate(user)];
      await new Writer(engine.log, name).append([stamped('name-claimed', { user })]);
      await new Writer(engine.log, account).append([stamped('user-registered', { username })]);
    }
    // As if this log had not been gone through yet.
    const { incarnation } = engine.log.info;
    await engine.store.put('reaction_progress', { _id: `username-looks/${incarnation}/0`, seq: 0 });
    await engine.close();
    await stage.restart();
    await until(async () => (await appended(url)) > 0, 'the look is claimed');
    const ann = await register(url);
    for (const [username, user] of Object.entries(users)) {
      const found = await ann.call(`GET /v1/users?username=${username}`);
      expect(found.body.user?.id).toBe(user);
    }
    expect((await registering(url, 'admIn')).body.code).toBe('username-taken');
  },
);
