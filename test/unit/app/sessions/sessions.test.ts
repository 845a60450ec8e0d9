import { expect, test } from 'vitest';
import type { FoundSession } from '../../../../src/actors/actors.ts';
import { limits } from '../../../../src/app/limits/limits.ts';
import { Sessions, type SessionsOptions } from '../../../../src/app/sessions/sessions.ts';
import { type SessionId, type UserId, uuid7 } from '../../../../src/events/ids.ts';
import { sessions as projection } from '../../../../src/projections/models/sessions.ts';
import { collectionOf } from '../../../../src/projections/projection.ts';
import { readModels } from '../../../../src/projections/read-models.ts';
import { memoryStore } from '../../../contract/doubles/memory-store.ts';
import { settle } from '../../../support/doubles/virtual-time.ts';
import { epochMs } from '../../../support/fixtures/given.ts';
import { gate } from '../../../support/fixtures/runner-stage.ts';
import { numbered } from '../../../support/generators/chatter.ts';

const user = numbered(1) as UserId;
const caughtUp = async (): Promise<void> => undefined;
const dayMs = 86_400_000;

/** Sessions on a read model that the test fills, whose look-ups it counts and can hold up. */
const stage = () => {
  const time = { ms: epochMs };
  const store = memoryStore();
  const reading = { lookUps: 0, first: async (): Promise<void> => undefined };
  const find: typeof store.find = async (...query) => {
    reading.lookUps++;
    const rows = await store.find(...query);
    await reading.first();
    return rows;
  };
  const models = readModels({ ...store, find });
  const away = { isAway: false };
  const logged = new Map<string, FoundSession>();
  const options = {
    ...{ models, caughtUp, now: () => time.ms, isAway: () => away.isAway },
    sessionOf: async (_user: UserId, digest: string) => logged.get(digest),
  };
  const make = (more: Partial<SessionsOptions> = {}) => new Sessions({ ...options, ...more });
  const sessions = make();
  /** A session that was opened before this server started. */
  const opened = async (userAgent?: string) => {
    const { tokenFor, session } = sessions.mint(userAgent);
    const token = tokenFor(user);
    const named = userAgent === undefined ? {} : { userAgent };
    const row = { _id: session.id, user, token: session.token, createdAt: time.ms, ...named };
    await store.put(collectionOf(projection), row);
    return { token, id: session.id as SessionId };
  };
  /** A session that the log alone knows. */
  const openedInLog = () => {
    const { tokenFor, session } = sessions.mint('curl');
    const { id, token: digest } = session;
    logged.set(digest, { id: id as SessionId, digest, openedAt: time.ms, userAgent: 'curl' });
    return { token: tokenFor(user), id: id as SessionId };
  };
  return { time, store, reading, away, sessions, make, opened, openedInLog };
};

test('a token is 256 random bits, of which only a digest is kept', () => {
  const { sessions } = stage();
  const [one, two] = [sessions.mint('curl'), sessions.mint(undefined)];
  const secret = one.tokenFor(user).split('.')[0] ?? '';
  expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
  expect(one.tokenFor(user)).not.toBe(two.tokenFor(user));
  expect(JSON.stringify(one.session)).not.toContain(secret);
  expect(Buffer.from(one.session.token, 'base64url')).toHaveLength(32);
  expect([one.session.userAgent, two.session.userAgent]).toEqual(['curl', undefined]);
  expect(sessions.mint('x'.repeat(1000)).session.userAgent).toHaveLength(256);
});

test('a token stands for its user and session; another for nobody', async () => {
  const { sessions, opened } = stage();
  const { token, id } = await opened('curl');
  expect(await sessions.authenticate(token)).toEqual({
    ...{ user, session: id, createdAt: epochMs, userAgent: 'curl', seen: [] },
  });
  const [secret = ''] = token.split('.');
  for (const bad of ['', 'x', `${token}x`, token.slice(1), `${secret}.${numbered(2)}`]) {
    expect(await sessions.authenticate(bad)).toBeUndefined();
  }
});

test('a session that was just opened is in use before the read model knows it', async () => {
  const { sessions, reading } = stage();
  const { tokenFor, session } = sessions.mint(undefined);
  const caller = sessions.admit(user, session, epochMs);
  expect(await sessions.authenticate(tokenFor(user))).toBe(caller);
  expect(reading.lookUps).toBe(0);
});

test('a token that was found is not looked up again, and is the same caller [W18]', async () => {
  const { sessions, opened, reading, time, away } = stage();
  const { token } = await opened();
  const caller = await sessions.authenticate(token);
  for (const ms of [59_999, 1, dayMs]) {
    time.ms += ms;
    expect(await sessions.authenticate(token)).toBe(caller);
  }
  away.isAway = true;
  time.ms += dayMs;
  expect(await sessions.authenticate(token)).toBe(caller);
  expect(reading.lookUps).toBe(1);
});

test('a token of an earlier version, which does not say whose it is, stands for its session', async () => {
  const { sessions, opened } = stage();
  const { token, id } = await opened();
  expect(await sessions.authenticate(token.split('.')[0] ?? '')).toMatchObject({
    user,
    session: id,
  });
});

test('while the read models are away a session is found in the log, or it is said to try again', async () => {
  const { sessions, away, openedInLog, opened, time } = stage();
  const inModels = await opened();
  const { token, id } = openedInLog();
  away.isAway = true;
  expect(await sessions.authenticate(token)).toEqual({
    ...{ user, session: id, createdAt: epochMs, userAgent: 'curl', seen: [] },
  });
  expect(await sessions.authenticate(`x${token}`)).toBeUndefined();
  const unavailable = { problem: { code: 'unavailable', retryAfter: expect.any(Number) } };
  const [secret = ''] = inModels.token.split('.');
  await expect(sessions.authenticate(secret)).rejects.toMatchObject(unavailable);
  const old = openedInLog();
  time.ms += limits.sessionMs + 1;
  await expect(sessions.authenticate(old.token)).rejects.toMatchObject(unavailable);
  away.isAway = false;
  expect(await sessions.authenticate(secret)).toBeUndefined();
});

test('a session that was closed is not found in the log either', async () => {
  const { sessions, away, openedInLog } = stage();
  const { token, id } = openedInLog();
  away.isAway = true;
  sessions.close(id);
  expect(await sessions.authenticate(token)).toBeUndefined();
});

test('requests that come at once with one token are of one caller [W18]', async () => {
  const { sessions, opened } = stage();
  const { token } = await opened();
  const [one, two] = await Promise.all([
    sessions.authenticate(token),
    sessions.authenticate(token),
  ]);
  expect(one).toBe(two);
});

test('a session ends 30 days after its last use, not before [H7]', async () => {
  const { sessions, make, opened, time } = stage();
  const { token } = await opened();
  for (let use = 0; use < 3; use++) {
    time.ms += limits.sessionMs;
    expect(await sessions.authenticate(token)).toBeDefined();
  }
  expect(limits.sessionMs).toBe(30 * dayMs);
  time.ms += limits.sessionMs + 1;
  expect(await sessions.authenticate(token)).toBeUndefined();
  expect(await make().authenticate(token)).toBeUndefined();
});

test('a session that was never used ends 30 days after it was opened [H7]', async () => {
  const { sessions, opened, time } = stage();
  const [one, two] = [await opened(), await opened()];
  time.ms += limits.sessionMs;
  expect(await sessions.authenticate(one.token)).toBeDefined();
  time.ms += 1;
  expect(await sessions.authenticate(two.token)).toBeUndefined();
});

test('use over a socket keeps a session alive [H7]', async () => {
  const { sessions, make, opened, time } = stage();
  const { token } = await opened();
  const caller = await sessions.authenticate(token);
  for (let day = 0; day < 40; day++) {
    time.ms += dayMs;
    if (caller) sessions.use(caller);
    await settle();
  }
  expect(await make().authenticate(token)).toBeDefined();
});

test('a session that was closed is refused at once, before the read model knows it', async () => {
  const { sessions, opened } = stage();
  const { token, id } = await opened();
  await sessions.authenticate(token);
  sessions.close(id);
  expect(await sessions.authenticate(token)).toBeUndefined();
  const other = await opened();
  sessions.close(other.id);
  expect(await sessions.authenticate(other.token)).toBeUndefined();
});

test('a session that is closed while it is being looked up is refused', async () => {
  const { sessions, opened, reading } = stage();
  const { token, id } = await opened();
  const slow = gate();
  reading.first = () => slow.opened;
  const asked = sessions.authenticate(token);
  await settle();
  sessions.close(id);
  slow.open();
  expect(await asked).toBeUndefined();
});

test('closing one session leaves the others of its user', async () => {
  const { sessions, opened } = stage();
  const [one, two] = [await opened(), await opened()];
  await sessions.authenticate(two.token);
  sessions.close(one.id);
  sessions.close(uuid7(epochMs) as SessionId);
  expect(await sessions.authenticate(two.token)).toBeDefined();
});

test('a person’s sessions are listed with their last use, without those that have ended [H7]', async () => {
  const { sessions, opened, time } = stage();
  const old = await opened();
  time.ms += 20 * dayMs;
  const used = await opened('phone');
  await sessions.authenticate(used.token);
  time.ms += 11 * dayMs;
  const current = await opened('curl');
  const caller = await sessions.authenticate(current.token);
  const list = caller ? await sessions.list(caller) : [];
  expect(list).toEqual([
    {
      ...{ id: used.id, createdAt: epochMs + 20 * dayMs, lastSeenAt: epochMs + 20 * dayMs },
      ...{ userAgent: 'phone', current: false },
    },
    {
      ...{ id: current.id, createdAt: time.ms, lastSeenAt: time.ms },
      ...{ userAgent: 'curl', current: true },
    },
  ]);
  expect(list.map(({ id }) => id)).not.toContain(old.id);
});

test('a session that is closed before it is taken into use is nobody’s', async () => {
  const { sessions, opened } = stage();
  const { token, id } = await opened();
  const digest = sessions.mint(undefined).session;
  sessions.close(id);
  const caller = sessions.admit(user, { ...digest, id }, epochMs);
  expect(sessions.isClosed(caller)).toBe(true);
  expect(await sessions.authenticate(token)).toBeUndefined();
});

test('nobody is known before the read models show what was there at the start', async () => {
  const { make, opened, store } = stage();
  const { token, id } = await opened();
  const catching = gate();
  const sessions = make({ caughtUp: () => catching.opened });
  const asked = sessions.authenticate(token);
  await settle();
  await store.remove(collectionOf(projection), id);
  catching.open();
  expect(await asked).toBeUndefined();
});

test('of many sessions the one used least lately is known, to the moment', async () => {
  const { sessions, opened, time } = stage();
  const all = [];
  for (let count = 0; count < 4; count++) {
    time.ms += 1000;
    all.push(await opened());
  }
  const ids = all.map(({ id }) => id);
  expect(await sessions.leastUsed(ids)).toBe(ids[0]);
  time.ms += 1000;
  await sessions.authenticate(all[0]?.token ?? '');
  expect(await sessions.leastUsed(ids)).toBe(ids[1]);
  for (const { token } of all.slice(1)) await sessions.authenticate(token);
  time.ms += 1;
  for (const { token } of [...all.slice(0, 2), ...all.slice(3)]) await sessions.authenticate(token);
  expect(await sessions.leastUsed(ids)).toBe(ids[2]);
});
