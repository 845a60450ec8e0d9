import { expect, test } from 'vitest';
import { createAccounts, type PasswordHasher } from '../../../src/actors/accounts.ts';
import { refuse } from '../../../src/actors/decision.ts';
import { limits } from '../../../src/actors/limits.ts';
import { skeletonKeyOf } from '../../../src/actors/name/skeleton.ts';
import { nameAggregate, userAggregate } from '../../../src/events/aggregate.ts';
import type { SessionId, UserId } from '../../../src/events/ids.ts';
import type { EventLog } from '../../../src/events/log.ts';
import { fold } from '../../../src/text/fold.ts';
import { memoryLog } from '../../contract/doubles/memory-log.ts';
import { memoryVault } from '../../contract/doubles/memory-vault.ts';
import { actorsStage } from '../../support/fixtures/actors-stage.ts';
import { epochMs } from '../../support/fixtures/given.ts';
import { readAll } from '../../support/fixtures/log-fixtures.ts';
import { numbered } from '../../support/generators/chatter.ts';

/** Hashes that anybody can read, and a note of what was verified. */
/** Nobody knows when sessions were used. */
const leastUsed = async () => undefined;

const openHasher = () => {
  const verified: (string | undefined)[] = [];
  const hasher: PasswordHasher = {
    hash: async (password) => `hash of ${password}`,
    verify: async (hash, password) => {
      verified.push(hash);
      return hash === `hash of ${password}`;
    },
  };
  return { hasher, verified };
};

const stage = () => {
  const log = memoryLog();
  const { actors } = actorsStage(log);
  const vault = memoryVault();
  const { hasher, verified } = openHasher();
  return {
    log,
    actors,
    vault,
    verified,
    accounts: createAccounts({ actors, vault, hasher, leastUsed }),
  };
};

const asker = { client: 'here', isGone: () => false };

const somebody = (id: number, username: string, at = epochMs) => ({
  ...{ user: numbered(id) as UserId, username, password: `secret of ${id}`, at, asker },
  session: { id: numbered(id + 1000), token: 'digest' },
});

test('who registers can log in, by the name in any case', async () => {
  const { accounts } = stage();
  expect(await accounts.register(somebody(1, 'Ada'))).toMatchObject({ user: numbered(1) });
  const login = { ...somebody(1, 'ADA'), session: { id: numbered(2000), token: 'other' } };
  expect(await accounts.logIn(login)).toMatchObject({
    user: numbered(1),
    done: { events: [{ k: 'session-opened' }] },
  });
});

test('a wrong password and an unknown name are answered alike, after the same work [W1]', async () => {
  const { accounts, verified } = stage();
  await accounts.register(somebody(1, 'ada'));
  expect(await accounts.logIn({ ...somebody(1, 'ada'), password: 'wrong' })).toBeUndefined();
  expect(await accounts.logIn(somebody(1, 'eve'))).toBeUndefined();
  expect(verified).toEqual(['hash of secret of 1', undefined]);
});

test('a name is held by one, however many claim it at once', async () => {
  const { accounts } = stage();
  const outcomes = await Promise.all(
    Array.from({ length: 20 }, (_, id) => accounts.register(somebody(id + 1, 'ada'))),
  );
  expect(outcomes.filter((outcome) => 'user' in outcome)).toHaveLength(1);
  expect(outcomes.filter((outcome) => 'refused' in outcome)).toEqual(
    Array(19).fill({ refused: 'username-taken', field: 'username' }),
  );
});

test('a claim that a crash left without an account is let go after a minute, not before', async () => {
  const { accounts, actors } = stage();
  await actors.askName('ada', { op: 'claim-name', by: numbered(9) as UserId, at: epochMs });
  const early = await accounts.register(somebody(1, 'ada', epochMs + limits.claimMs - 1));
  expect(early).toMatchObject({ refused: 'username-taken' });
  const late = await accounts.register(somebody(1, 'ada', epochMs + limits.claimMs));
  expect(late).toMatchObject({ user: numbered(1) });
});

test('a name that looks like one that is taken is taken too, and its claim leaves nothing behind', async () => {
  const { accounts, log } = stage();
  await accounts.register(somebody(1, 'adm1n'));
  const alike = ['admln', 'AdmIn', 'adm\u04c0n'].map((name, id) => somebody(id + 2, name));
  const taken = { refused: 'username-taken', field: 'username' };
  for (const each of alike) expect(await accounts.register(each), each.username).toEqual(taken);
  for (const { username } of alike) {
    expect(await readAll(log, nameAggregate(fold(username)))).toEqual([]);
  }
});

test('of many that look alike and come at once one gets its name', async () => {
  const { accounts } = stage();
  const names = ['adm1n', 'admln', 'admIn', 'ADM1N', 'adm1n', 'Adm1n'];
  const outcomes = await Promise.all(
    names.map((username, id) => accounts.register(somebody(id + 1, username))),
  );
  expect(outcomes.filter((outcome) => 'user' in outcome)).toHaveLength(1);
});

test('a look that a crash left without an account is released after a minute; one with an account never', async () => {
  const { accounts, actors } = stage();
  const crashed = { op: 'claim-name', by: numbered(9) as UserId, at: epochMs } as const;
  await actors.askName(skeletonKeyOf('adm1n'), crashed);
  const early = somebody(1, 'admln', epochMs + limits.claimMs - 1);
  expect(await accounts.register(early)).toMatchObject({ refused: 'username-taken' });
  const late = somebody(2, 'admln', epochMs + limits.claimMs);
  expect(await accounts.register(late)).toMatchObject({ user: numbered(2) });
  const later = somebody(3, 'adm1n', epochMs + 10 * limits.claimMs);
  expect(await accounts.register(later)).toMatchObject({ refused: 'username-taken' });
});

test('a name that is taken leaves its look free for others', async () => {
  const { accounts, actors } = stage();
  await accounts.register(somebody(1, 'admin'));
  // The same name, but another look: capital letters look like others.
  expect(await accounts.register(somebody(2, 'ADMIN'))).toMatchObject({
    refused: 'username-taken',
  });
  expect(await actors.holderOf(skeletonKeyOf('ADMIN'))).toBeUndefined();
});

test('nobody logs in by a look', async () => {
  const { accounts } = stage();
  await accounts.register(somebody(1, 'adm1n'));
  expect(await accounts.logIn(somebody(1, skeletonKeyOf('adm1n')))).toBeUndefined();
});

test('a registration whose hash is refused leaves no claim behind', async () => {
  const { actors, vault } = stage();
  let refusals = 1;
  const hasher = {
    hash: async (password: string) => {
      if (refusals-- > 0) throw new Error('too many wait');
      return password;
    },
    verify: async () => false,
  };
  const accounts = createAccounts({ actors, vault, hasher, leastUsed });
  await expect(accounts.register(somebody(1, 'ada'))).rejects.toThrow('too many wait');
  expect(await accounts.register(somebody(2, 'ada'))).toMatchObject({ user: numbered(2) });
});

test('an account is found by its name, with the password that counts', async () => {
  const { accounts } = stage();
  expect(await accounts.accountOf('ada')).toBeUndefined();
  await accounts.register(somebody(1, 'ada'));
  expect(await accounts.accountOf('ADA')).toEqual({ user: numbered(1), password: undefined });
  await accounts.changePassword(changing(1, 'another'));
  expect(await accounts.accountOf('ada')).toEqual({ user: numbered(1), password: numbered(3000) });
});

test('an account that cannot join by its invite is withdrawn, and its name is free again', async () => {
  const { accounts, actors, log, vault } = stage();
  const join = async () => refuse('invite-invalid');
  expect(await accounts.register({ ...somebody(1, 'ada'), join })).toEqual(
    refuse('invite-invalid'),
  );
  expect(await accounts.logIn(somebody(1, 'ada'))).toBeUndefined();
  const kinds = (await readAll(log, userAggregate(numbered(1) as UserId))).flatMap(({ commit }) =>
    commit.events.map(({ k }) => k),
  );
  expect(kinds).toEqual(['user-registered', 'session-opened', 'user-withdrawn', 'session-closed']);
  expect(await actors.isRegistered(numbered(1) as UserId)).toBe(false);
  expect(await vault.get(`password.${numbered(1)}`)).toBeUndefined();
  expect(await accounts.register(somebody(2, 'ada'))).toMatchObject({ user: numbered(2) });
});

test('an account stays if it is not known whether it has joined', async () => {
  const { accounts } = stage();
  const join = async () => refuse('unavailable');
  expect(await accounts.register({ ...somebody(1, 'ada'), join })).toMatchObject({
    user: numbered(1),
  });
});

test('a claim with an account is never let go', async () => {
  const { accounts } = stage();
  await accounts.register(somebody(1, 'ada'));
  const late = somebody(2, 'ada', epochMs + 10 * limits.claimMs);
  expect(await accounts.register(late)).toMatchObject({ refused: 'username-taken' });
  expect(await accounts.logIn(somebody(1, 'ada'))).toMatchObject({ user: numbered(1) });
});

/** A change of somebody's password, by their first session unless it says otherwise. */
const changing = (id: number, newPassword: string, more: object = {}) => ({
  ...{ user: numbered(id) as UserId, session: numbered(id + 1000) as SessionId, newPassword },
  ...{ password: `secret of ${id}`, secret: numbered(3000), at: epochMs, asker, ...more },
});
const logInWith = (id: number, password: string, session: number) => ({
  ...somebody(id, 'ada'),
  ...{ password, session: { id: numbered(session), token: `digest ${session}` } },
});

test('a changed password counts at once, the old one no more, and its hash is gone', async () => {
  const { accounts, vault } = stage();
  await accounts.register(somebody(1, 'ada'));
  await accounts.logIn(logInWith(1, 'secret of 1', 2000));
  const outcome = await accounts.changePassword(changing(1, 'another'));
  expect(outcome).toMatchObject({
    events: [{ k: 'password-changed' }, { k: 'session-closed', d: { id: numbered(2000) } }],
  });
  expect([...vault.kept.values()]).toEqual(['hash of another']);
  expect(await accounts.logIn(logInWith(1, 'secret of 1', 2001))).toBeUndefined();
  expect(await accounts.logIn(logInWith(1, 'another', 2002))).toMatchObject({
    user: numbered(1),
  });
});

test('a wrong password changes nothing', async () => {
  const { accounts, vault } = stage();
  await accounts.register(somebody(1, 'ada'));
  const wrong = changing(1, 'another', { password: 'wrong' });
  expect(await accounts.changePassword(wrong)).toEqual({ refused: 'forbidden', field: 'password' });
  expect([...vault.kept.values()]).toEqual(['hash of secret of 1']);
  expect(await accounts.logIn(logInWith(1, 'secret of 1', 2000))).toBeDefined();
});

test('a crash before the commit leaves the old password, one after it the new: nobody is locked out', async () => {
  const { accounts, vault, actors } = stage();
  await accounts.register(somebody(1, 'ada'));
  const user = numbered(1) as UserId;
  vault.kept.set(`password.${user}.${numbered(3000)}`, 'hash of another');
  expect(await accounts.logIn(logInWith(1, 'another', 2000))).toBeUndefined();
  expect(await accounts.logIn(logInWith(1, 'secret of 1', 2001))).toBeDefined();
  const commit = { session: numbered(1001), was: undefined, secret: numbered(3000) };
  await actors.askUser(user, { op: 'change-password', by: user, at: epochMs, ...commit });
  expect(await accounts.logIn(logInWith(1, 'secret of 1', 2002))).toBeUndefined();
  expect(await accounts.logIn(logInWith(1, 'another', 2003))).toBeDefined();
});

test('of many changes at once one counts, and it is the one that was acknowledged', async () => {
  const { accounts, vault } = stage();
  await accounts.register(somebody(1, 'ada'));
  const outcomes = await Promise.all(
    Array.from({ length: 10 }, (_, turn) =>
      accounts.changePassword(changing(1, `new ${turn}`, { secret: numbered(3000 + turn) })),
    ),
  );
  const done = outcomes.flatMap((outcome, turn) => ('refused' in outcome ? [] : [turn]));
  expect(done).toHaveLength(1);
  expect([...vault.kept.values()]).toEqual([`hash of new ${done[0]}`]);
  expect(await accounts.logIn(logInWith(1, `new ${done[0]}`, 2000))).toBeDefined();
});

/** The sessions of person 1 that are open, as the log says. */
const openSessions = async (log: EventLog): Promise<unknown[]> => {
  const commits = await readAll(log, userAggregate(numbered(1) as UserId));
  const events = commits.flatMap(({ commit }) => commit.events);
  const closed = events.flatMap(({ k, d }) => (k === 'session-closed' ? d.id : []));
  const opened = events.flatMap(({ k, d }) => (k === 'session-opened' ? d.id : []));
  return opened.filter((id) => !closed.includes(id));
};

test('no session that the old password opens outlives the change, whenever the login comes', async () => {
  for (let turns = 0; turns < 40; turns++) {
    const { accounts, log } = stage();
    await accounts.register(somebody(1, 'ada'));
    const change = accounts.changePassword(changing(1, 'another'));
    for (let turn = 0; turn < turns; turn++) await Promise.resolve();
    const login = accounts.logIn(logInWith(1, 'secret of 1', 2000));
    await Promise.all([change, login]);
    const open = await openSessions(log);
    expect(open, `${turns} turns`).toEqual([numbered(1001)]);
  }
});

test('a log-out ends a session of one’s own, once; what never was is not found', async () => {
  const { accounts } = stage();
  await accounts.register(somebody(1, 'ada'));
  await accounts.register(somebody(2, 'eve'));
  await accounts.logIn(logInWith(1, 'secret of 1', 2000));
  const by = { user: numbered(1) as UserId, session: numbered(1001) as SessionId, at: epochMs };
  const end = (ends: string) => accounts.logOut({ ...by, ends });
  expect(await end(numbered(2000))).toMatchObject({ events: [{ k: 'session-closed' }] });
  expect(await end(numbered(2000))).toMatchObject({ events: [] });
  expect(await end(numbered(1002))).toEqual({ refused: 'not-found' });
  expect(await end(numbered(9999))).toEqual({ refused: 'not-found' });
  expect(await end('others')).toMatchObject({ events: [] });
  expect(await end(numbered(1001))).toMatchObject({ events: [{ k: 'session-closed' }] });
  expect(await end('others')).toEqual({ refused: 'not-found', field: 'session' });
});

test('registering that was cut short is completed when it is repeated', async () => {
  const { accounts, actors, vault } = stage();
  const ada = somebody(1, 'ada');
  await actors.askName('ada', { op: 'claim-name', by: ada.user, at: epochMs });
  expect(await accounts.logIn(ada)).toBeUndefined();
  vault.kept.set(`password.${ada.user}`, 'hash of secret of 1');
  expect(await accounts.logIn(ada)).toBeUndefined();
  expect(await accounts.register(ada)).toMatchObject({ user: ada.user });
  expect(await accounts.logIn(ada)).toMatchObject({ user: ada.user });
});
