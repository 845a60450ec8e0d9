import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kill } from 'node:process';
import { expect, onTestFinished } from 'vitest';
import { limits } from '../../src/app/limits/limits.ts';
import { uuid7 } from '../../src/events/ids.ts';
import { replay } from '../support/checkers/replayed-log.ts';
import { until } from '../support/checkers/waiting.ts';
import { pluggedClient } from '../support/doubles/plugged-client.ts';
import {
  makeCircle,
  messagesOf,
  type Person,
  register,
} from '../support/fixtures/server-people.ts';
import { TestSocket } from '../support/fixtures/server-socket.ts';
import { type ServerStage, testOnEmptyStages } from '../support/fixtures/server-stage.ts';
import { auditPages } from '../support/generators/audit-play.ts';

const it = testOnEmptyStages({ OSHI_RATE_LIMITS: 'on' });

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
const preload = new URL('../support/doubles/settable-clock.mjs', import.meta.url).href;

/** A server whose wall clock the test sets: `set` to so many ms ahead. */
const withClock = async (stage: ServerStage, aheadMs = 0) => {
  const dir = await mkdtemp(join(tmpdir(), 'oshi-clock-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const file = join(dir, 'ahead');
  await writeFile(file, `${aheadMs}`);
  const clock = { NODE_OPTIONS: `--import=${preload}?${encodeURIComponent(file)}` };
  const { url, pid } = await stage.restart(clock);
  const person = await register(url);
  const shown = async (): Promise<number> => {
    const socket = await TestSocket.open(url);
    const { token } = person;
    const welcome = await socket.ask({ t: 'hello', v: 1, token });
    socket.close();
    return welcome.d?.now ?? 0;
  };
  const set = async (ms: number): Promise<void> => {
    await writeFile(file, `${ms}`);
    kill(pid, 'SIGUSR2');
    await until(
      async () => Math.abs((await shown()) - Date.now() - ms) < 5000,
      'the clock to be set',
    );
  };
  return { url, person, set, env: { ...stage.env, ...clock } };
};

it('who is connected is served on when the clock is set back and forward', async (stage) => {
  const { url, person, set } = await withClock(stage);
  const socket = await TestSocket.greet(url, person);
  expect(await socket.ask({ t: 'sub', s: 'me' })).toMatchObject({ t: 'ok' });
  for (const aheadMs of [-60 * minuteMs, 60 * minuteMs]) {
    await set(aheadMs);
    // More than may come at once: the rest is read when time has passed.
    for (let left = limits.framesBurst + 50; left > 0; left--) socket.socket.ping();
    expect(await socket.ask({ t: 'sub', s: 'me' })).toMatchObject({ t: 'ok' });
  }
  socket.close();
});

/** Does everything that a connected client does with a key, and one thing without. */
const doAll = async (client: ReturnType<typeof pluggedClient>['client'], s: string, id: string) => {
  const [circle = ''] = s.split('/');
  await client.command('react', { s, id, emoji: '🎉' });
  await client.command('edit-message', { s, id, text: 'edited' });
  await client.command('mark-read', { s, m: 1 });
  await client.command('update-circle', { id: circle, name: 'Coffee' });
  await client.post(s, 'after it was set');
};

for (const [what, before, after] of [
  ['10 minutes back', 0, -10 * minuteMs],
  ['3 days forward, as on a machine without a battery', -3 * dayMs, 0],
  ['a day back', dayMs, 0],
] as const) {
  it(`a connected client goes on when the server's clock is set ${what} [W8]`, async (stage) => {
    const { url, person, set } = await withClock(stage, before);
    const { client } = pluggedClient(url, person.token);
    onTestFinished(() => client.close());
    const circle = client.newId();
    const s = `${circle}/${circle}`;
    await client.command('create-circle', { id: circle, name: 'Tea', visibility: 'public' });
    const { id } = await client.post(s, 'before it was set');
    await set(after);
    await doAll(client, s, id);
  });
}

const say = (person: Person, circle: string, text: string) =>
  person.call(`PUT ${messagesOf(circle)}/${uuid7()}`, { text });

it('a clock that was set back hides nothing from a search by time', async (stage) => {
  const { person, set, env } = await withClock(stage);
  const circle = await makeCircle(person);
  const begun = Date.now();
  await say(person, circle, 'first');
  await set(3 * dayMs);
  await say(person, circle, 'while the clock was ahead');
  await set(0);
  const { body } = await say(person, circle, 'after it was set right');
  expect(body).toMatchObject({ m: 3 });
  const halfway = begun + 1.5 * dayMs;
  const textsOf = async (query: Record<string, string | number>) => {
    const entries = await auditPages(person, circle, {
      ...{ kind: 'message-posted', order: 'asc', ...query },
    });
    return entries.map((entry) => entry.after?.text);
  };
  await until(async () => (await textsOf({})).length === 3, 'the audit to show all');
  expect(await textsOf({ since: halfway })).toEqual(['while the clock was ahead']);
  expect(await textsOf({ until: halfway })).toEqual(['first', 'after it was set right']);
  const [late, early] = await Promise.all([
    replay(env, ['--kind', 'message-posted', '--since', `${halfway}`]),
    replay(env, ['--kind', 'message-posted', '--until', `${halfway}`]),
  ]);
  expect(late.map(({ d }) => d.text)).toEqual(['while the clock was ahead']);
  expect(early.map(({ d }) => d.text)).toEqual(['first', 'after it was set right']);
  const then = await person.call(`GET ${messagesOf(circle)}?at=${halfway}`);
  expect(then.body.messages?.map(({ text }) => text)).toEqual([
    ...['first', 'while the clock was ahead', 'after it was set right'],
  ]);
});
