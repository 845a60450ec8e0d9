import { expect, onTestFinished, test, vi } from 'vitest';
import type { Accounts } from '../../../../src/actors/accounts.ts';
import { refuse } from '../../../../src/actors/decision.ts';
import { limits } from '../../../../src/app/limits/limits.ts';
import { ReadBarrier } from '../../../../src/app/read-barrier.ts';
import { Refused } from '../../../../src/app/refusals.ts';
import { createLogIns } from '../../../../src/app/sessions/log-ins.ts';
import { openServerSecret } from '../../../../src/app/sessions/server-secret.ts';
import { Sessions } from '../../../../src/app/sessions/sessions.ts';
import { event } from '../../../../src/events/kinds/kinds.ts';
import { readModels } from '../../../../src/projections/read-models.ts';
import { memoryStore } from '../../../contract/doubles/memory-store.ts';
import { memoryVault } from '../../../contract/doubles/memory-vault.ts';
import { caller } from '../../../support/fixtures/edge-stage.ts';
import { epochMs } from '../../../support/fixtures/given.ts';
import { numbered } from '../../../support/generators/chatter.ts';

const isGone = () => false;

/** Log-ins to accounts where everybody's password is `right`, on read models that are always ahead. */
const stage = async (rateLimits = true, isOutOfSpace = () => false) => {
  const time = { ms: epochMs };
  const now = () => time.ms;
  const account = { user: numbered(1) as never, password: undefined };
  const opened = {
    ...account,
    done: { events: [], position: { partition: 2, seq: 7 }, repeated: false },
  };
  const events = [2, 3].map((id) => ({
    ...event('session-closed', { id: numbered(id) }),
    ...{ n: id, at: epochMs, by: numbered(1) },
  }));
  const closing = { events: events as never, position: { partition: 2, seq: 8 }, repeated: false };
  const accounts: Accounts = {
    accountOf: async (username) => (username === 'ada' ? account : undefined),
    register: async () => opened,
    logIn: async ({ password }) => {
      if (password === 'unlucky') throw new Refused('unavailable');
      return password === 'right' ? opened : undefined;
    },
    changePassword: async ({ password }) =>
      password === 'right' ? closing : refuse('forbidden', 'password'),
    resetPassword: async () => closing,
    logOut: async () => closing,
  };
  const sessions = new Sessions({
    ...{ models: readModels(memoryStore()), now, isAway: () => false },
    ...{ caughtUp: async () => undefined, sessionOf: async () => undefined },
  });
  const closed: string[] = [];
  const barrier = new ReadBarrier({
    runner: { applied: () => 100, whenApplied: async () => undefined },
  });
  const secret = await openServerSecret(memoryVault(), now);
  const logIns = createLogIns({
    ...{ accounts, sessions, barrier, secret, now, monotonic: now, rateLimits },
    refusals: { hold: async () => undefined },
    registration: 'open',
    isOutOfSpace,
    actors: { askCircle: () => Promise.reject(new Error('nobody is invited')) },
    inviteOf: async () => undefined,
    onSessionClosed: (session) => closed.push(session),
  });
  const logIn = async (
    address: string,
    username: string,
    ...[password = 'wrong', device]: string[]
  ) => {
    const from = { address, userAgent: undefined, device, isGone };
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
  const { logIns, sessions } = await stage();
  const from = { address: '::1', userAgent: 'curl', isGone };
  const loggedIn = await logIns.logIn({ username: 'ada', password: 'right', ...from });
  expect(loggedIn?.caller.seen[2]).toBe(7);
  expect(await sessions.authenticate(loggedIn?.token ?? '')).toBe(loggedIn?.caller);
});

test('an address logs in 10 times at once, then once in 6 s, whatever the names [W16]', async () => {
  const { logIn, time } = await stage();
  for (let name = 0; name < limits.loginsBurst; name++) {
    expect(await logIn('10.0.0.1', `user${name}`)).toBe('no');
  }
  expect(await logIn('10.0.0.1', 'ada', 'right')).toMatchObject(limited);
  expect(await logIn('10.0.0.2', 'ada', 'right')).toBe('in');
  time.ms += limits.loginEveryMs;
  expect(await logIn('10.0.0.1', 'ada', 'right')).toBe('in');
  expect(await logIn('10.0.0.1', 'ada', 'right')).toMatchObject(limited);
});

test('an IPv6 /64 is one address, and a /48 has ten times the rate of one [W16]', async () => {
  const { logIn } = await stage();
  const tries = async (addresses: string[]) => {
    const answers = [];
    for (const [each, address] of addresses.entries())
      answers.push(await logIn(address, `u${each}`));
    return answers.filter((answer) => answer === 'no').length;
  };
  const many = Array.from({ length: 200 }, (_, each) => each.toString(16));
  expect(await tries(many.map((each) => `2001:db8:1:1::${each}`))).toBe(limits.loginsBurst);
  const further = await tries(many.map((each) => `2001:db8:1:${each}9::1`));
  expect(further).toBe(limits.loginsBurst * (limits.siteFactor - 1));
  expect(await logIn('2001:db8:2::1', 'ada', 'right')).toBe('in');
});

test('one address that tries many names locks none of them out [W16]', async () => {
  const { logIn } = await stage();
  const names = Array.from({ length: 40 }, (_, each) => `user${each}`);
  for (let round = 0; round < 11; round++) for (const name of names) await logIn('10.0.0.1', name);
  for (const [each, name] of names.entries()) {
    expect(await logIn(`10.0.1.${each}`, name, 'right')).toBe('in');
  }
});

/** Tries a name from as many addresses as it takes until its attempts are delayed. */
const useUp = async (logIn: (address: string, username: string) => Promise<unknown>) => {
  for (let each = 0; each < limits.nameFailuresBurst; each++) {
    expect(await logIn(`10.1.${each >> 8}.${each & 255}`, each % 2 ? 'ada' : 'ADA')).toBe('no');
  }
};

test('a name that is tried from everywhere is delayed where nobody logged in before, and refused nowhere [W16]', async () => {
  const { logIn, logIns } = await stage();
  const first = { username: 'ada', password: 'right', userAgent: undefined, isGone };
  const marked = await logIns.logIn({ ...first, address: '10.0.0.1' });
  await useUp(logIn);
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const done: string[] = [];
  const attempt = (label: string, ...rest: Parameters<typeof logIn>) =>
    logIn(...rest).then((outcome) => done.push(`${label}: ${outcome}`));
  const attempts = [
    attempt('a stranger', '10.9.0.1', 'ada', 'right'),
    attempt('an address of before', '10.0.0.1', 'Ada', 'right'),
    attempt('a device of before', '10.9.0.2', 'ada', 'right', marked?.device ?? ''),
    attempt('a made-up device', '10.9.0.3', 'ada', 'right', `${marked?.device.slice(0, -1)}-`),
    attempt('another name', '10.9.0.4', 'eve', 'right'),
  ];
  await vi.advanceTimersByTimeAsync(limits.loginDelayMs - 1);
  expect(done.toSorted()).toEqual([
    'a device of before: in',
    'an address of before: in',
    'another name: in',
  ]);
  await vi.advanceTimersByTimeAsync(1);
  await Promise.all(attempts);
  expect(done).toContain('a stranger: in');
  expect(done).toContain('a made-up device: in');
});

test('a name that nobody has is delayed like any other [W1]', async () => {
  const { logIn } = await stage();
  for (let each = 0; each < limits.nameFailuresBurst; each++)
    await logIn(`10.1.0.${each}`, 'nobody');
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  let isOver = false;
  const attempt = logIn('10.9.0.1', 'nobody').finally(() => {
    isOver = true;
  });
  await vi.advanceTimersByTimeAsync(limits.loginDelayMs - 1);
  expect(isOver).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(await attempt).toBe('no');
});

test('wrong passwords for a name are counted where they come from, and retryAfter says when [W16]', async () => {
  const { logIn, time } = await stage();
  let tried = 0;
  let refused = await logIn('10.0.0.1', 'ada');
  for (; refused === 'no'; refused = await logIn('10.0.0.1', 'ada')) {
    time.ms += limits.loginEveryMs;
    tried++;
  }
  const more = Math.floor((tried * limits.loginEveryMs) / limits.loginFailureEveryMs);
  expect(tried).toBe(limits.loginFailuresBurst + more);
  expect(refused).toMatchObject({ code: 'rate-limited' });
  expect(await logIn('10.0.0.2', 'ada', 'right')).toBe('in');
  expect(await logIn('10.0.0.1', 'eve', 'right')).toBe('in');
  time.ms += (refused as { retryAfter: number }).retryAfter;
  expect(await logIn('10.0.0.1', 'ada', 'right')).toBe('in');
});

test('a password that could not be checked is not a wrong one [W16]', async () => {
  const { logIn, time } = await stage();
  for (let tried = 0; tried < 2 * limits.loginFailuresBurst; tried++) {
    expect(await logIn('10.0.0.1', 'ada', 'unlucky')).toMatchObject({ code: 'unavailable' });
    time.ms += limits.loginEveryMs;
  }
  expect(await logIn('10.0.0.1', 'ada', 'right')).toBe('in');
});

test('registrations take from the same buckets [W16]', async () => {
  const { logIns, logIn } = await stage();
  const from = { address: '10.0.0.1', userAgent: undefined, isGone };
  for (let name = 0; name < limits.loginsBurst; name++) {
    const account = { username: `user${name}`, password: 'right', displayName: undefined };
    await logIns.register({ ...account, ...from });
  }
  expect(await logIn('10.0.0.1', 'ada')).toMatchObject(limited);
});

test('without rates anybody may try as often as they like', async () => {
  const { logIn } = await stage(false);
  for (let left = 100; left > 0; left--) expect(await logIn('10.0.0.1', 'ada')).toBe('no');
});

test('a log-out ends what the sessions have open, and is seen by who asked [W18]', async () => {
  const { logIns, closed } = await stage();
  const me = caller(1);
  expect(await logIns.logOut(me, 'others')).toEqual({ partition: 2, seq: 8 });
  expect(closed).toEqual([numbered(2), numbered(3)]);
  expect(me.seen[2]).toBe(8);
});

test('a user changes the password 10 times at once, right or wrong; log-ins are not in the way [W16]', async () => {
  const { logIns, logIn, closed, time } = await stage();
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

test('without space for new content nobody registers, and everybody logs in', async () => {
  const { logIns, logIn } = await stage(false, () => true);
  const account = { username: 'eve', password: 'right', address: '::1', userAgent: 'curl', isGone };
  await expect(logIns.register(account)).rejects.toMatchObject({
    problem: { code: 'out-of-space' },
  });
  expect(await logIn('::1', 'ada', 'right')).toBe('in');
});
