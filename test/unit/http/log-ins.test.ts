import { expect, test } from 'vitest';
import type { Accounts } from '../../../src/actors/accounts.ts';
import { refuse } from '../../../src/actors/decision.ts';
import { event } from '../../../src/events/kinds.ts';
import { limits } from '../../../src/http/limits.ts';
import { createLogIns } from '../../../src/http/log-ins.ts';
import { Reader } from '../../../src/http/reader.ts';
import { Sessions } from '../../../src/http/sessions.ts';
import { readModels } from '../../../src/projections/read-models.ts';
import { numbered } from '../../support/chatter.ts';
import { caller } from '../../support/edge-stage.ts';
import { epochMs } from '../../support/given.ts';
import { memoryStore } from '../../support/memory-store.ts';

/** Log-ins to accounts where everybody's password is `right`, on read models that are always ahead. */
const stage = (rateLimits = true) => {
  const time = { ms: epochMs };
  const now = () => time.ms;
  const opened = { user: numbered(1) as never, done: { events: [], seq: 7, repeated: false } };
  const events = [2, 3].map((id) => ({
    ...event('session-closed', { id: numbered(id) }),
    ...{ n: id, at: epochMs, by: numbered(1) },
  }));
  const closing = { events: events as never, seq: 8, repeated: false };
  const accounts: Accounts = {
    register: async () => opened,
    logIn: async ({ password }) => (password === 'right' ? opened : undefined),
    changePassword: async ({ password }) =>
      password === 'right' ? closing : refuse('forbidden', 'password'),
    logOut: async () => closing,
  };
  const sessions = new Sessions(readModels(memoryStore()), now, async () => undefined);
  const closed: string[] = [];
  const reader = new Reader({ applied: () => 100, whenApplied: async () => undefined });
  const logIns = createLogIns({
    ...{ accounts, sessions, reader, now, rateLimits },
    partitionOf: () => 2,
    onSessionClosed: (session) => closed.push(session),
  });
  const logIn = async (address: string, username: string, password = 'wrong') => {
    const from = { address, userAgent: undefined };
    try {
      const loggedIn = await logIns.logIn({ username, password, ...from });
      return loggedIn ? 'in' : 'no';
    } catch (error) {
      return (error as { problem?: unknown }).problem;
    }
  };
  return { time, logIns, logIn, sessions, closed };
};

const limited = { code: 'rate-limited', retryAfter: limits.loginEveryMs };

test('who logs in has a token, and sees what they did [W18]', async () => {
  const { logIns, sessions } = stage();
  const from = { address: '::1', userAgent: 'curl' };
  const loggedIn = await logIns.logIn({ username: 'ada', password: 'right', ...from });
  expect(loggedIn?.caller.seen[2]).toBe(7);
  expect(await sessions.authenticate(loggedIn?.token ?? '')).toBe(loggedIn?.caller);
});

test('an address logs in 10 times at once, then once in 6 s, whatever the names [W16]', async () => {
  const { logIn, time } = stage();
  for (let name = 0; name < limits.loginsBurst; name++) {
    expect(await logIn('10.0.0.1', `user${name}`)).toBe('no');
  }
  expect(await logIn('10.0.0.1', 'ada', 'right')).toMatchObject(limited);
  expect(await logIn('10.0.0.2', 'ada', 'right')).toBe('in');
  time.ms += limits.loginEveryMs;
  expect(await logIn('10.0.0.1', 'ada', 'right')).toBe('in');
  expect(await logIn('10.0.0.1', 'ada', 'right')).toMatchObject(limited);
});

test('a name is tried 10 times at once, from whatever addresses and in whatever case [W16]', async () => {
  const { logIn } = stage();
  for (let address = 0; address < limits.loginsBurst; address++) {
    expect(await logIn(`10.0.0.${address}`, address % 2 ? 'ada' : 'ADA')).toBe('no');
  }
  expect(await logIn('10.0.1.1', 'Ada', 'right')).toMatchObject(limited);
});

test('registrations take from the same buckets [W16]', async () => {
  const { logIns, logIn } = stage();
  const from = { address: '10.0.0.1', userAgent: undefined };
  for (let name = 0; name < limits.loginsBurst; name++) {
    const account = { username: `user${name}`, password: 'right', displayName: undefined };
    await logIns.register({ ...account, ...from });
  }
  expect(await logIn('10.0.0.1', 'ada')).toMatchObject(limited);
});

test('without rates anybody may try as often as they like', async () => {
  const { logIn } = stage(false);
  for (let left = 100; left > 0; left--) expect(await logIn('10.0.0.1', 'ada')).toBe('no');
});

test('a log-out ends what the sessions have open, and is seen by who asked [W18]', async () => {
  const { logIns, closed } = stage();
  const me = caller(1);
  expect(await logIns.logOut(me, 'others')).toEqual({ partition: 2, seq: 8 });
  expect(closed).toEqual([numbered(2), numbered(3)]);
  expect(me.seen[2]).toBe(8);
});

test('a user changes the password 10 times at once, right or wrong; log-ins are not in the way [W16]', async () => {
  const { logIns, logIn, closed, time } = stage();
  const change = (user: number, password: string) =>
    logIns.changePassword(caller(user), { password, newPassword: 'another' }).then(
      () => 'done',
      (error: { problem: { code: string; retryAfter?: number } }) => error.problem,
    );
  expect(await change(1, 'right')).toBe('done');
  expect(closed).toHaveLength(2);
  for (let left = limits.loginsBurst - 1; left > 0; left--) {
    expect(await change(1, 'wrong')).toMatchObject({ code: 'forbidden', field: 'password' });
  }
  expect(await change(1, 'right')).toMatchObject(limited);
  expect(await change(2, 'right')).toBe('done');
  expect(await logIn('10.0.0.1', 'ada', 'right')).toBe('in');
  time.ms += limits.loginEveryMs;
  expect(await change(1, 'right')).toBe('done');
});
