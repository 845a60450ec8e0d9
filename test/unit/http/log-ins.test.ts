import { expect, test } from 'vitest';
import type { Accounts } from '../../../src/actors/accounts.ts';
import { limits } from '../../../src/http/limits.ts';
import { createLogIns } from '../../../src/http/log-ins.ts';
import { Reader } from '../../../src/http/reader.ts';
import { Sessions } from '../../../src/http/sessions.ts';
import { readModels } from '../../../src/projections/read-models.ts';
import { numbered } from '../../support/chatter.ts';
import { epochMs } from '../../support/given.ts';
import { memoryStore } from '../../support/memory-store.ts';

/** Log-ins to accounts where everybody's password is `right`, on read models that are always ahead. */
const stage = (rateLimits = true) => {
  const time = { ms: epochMs };
  const now = () => time.ms;
  const opened = { user: numbered(1) as never, done: { events: [], seq: 7, repeated: false } };
  const accounts: Accounts = {
    register: async () => opened,
    logIn: async ({ password }) => (password === 'right' ? opened : undefined),
  };
  const sessions = new Sessions(readModels(memoryStore()), now);
  const reader = new Reader({ applied: () => 100, whenApplied: async () => undefined });
  const logIns = createLogIns({
    ...{ accounts, sessions, reader, now, rateLimits },
    partitionOf: () => 2,
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
  return { time, logIns, logIn, sessions };
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
