import { expect, test } from 'vitest';
import { createAccounts, type PasswordHasher } from '../../../src/actors/accounts.ts';
import { limits } from '../../../src/actors/limits.ts';
import type { UserId } from '../../../src/events/ids.ts';
import type { Vault } from '../../../src/events/vault.ts';
import { actorsStage } from '../../support/actors-stage.ts';
import { numbered } from '../../support/chatter.ts';
import { epochMs } from '../../support/given.ts';
import { memoryLog } from '../../support/memory-log.ts';

/** Hashes that anybody can read, and a note of what was verified. */
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

const memoryVault = (): Vault & { readonly kept: Map<string, string> } => {
  const kept = new Map<string, string>();
  return {
    kept,
    get: async (key) => kept.get(key),
    put: async (key, value) => void kept.set(key, value),
    destroy: async (key) => void kept.delete(key),
    close: async () => undefined,
  } as Vault & { readonly kept: Map<string, string> };
};

const stage = () => {
  const log = memoryLog();
  const { actors } = actorsStage(log);
  const vault = memoryVault();
  const { hasher, verified } = openHasher();
  return { log, actors, vault, verified, accounts: createAccounts({ actors, vault, hasher }) };
};

const somebody = (id: number, username: string, at = epochMs) => ({
  ...{ user: numbered(id) as UserId, username, password: `secret of ${id}`, at },
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

test('a claim with an account is never let go', async () => {
  const { accounts } = stage();
  await accounts.register(somebody(1, 'ada'));
  const late = somebody(2, 'ada', epochMs + 10 * limits.claimMs);
  expect(await accounts.register(late)).toMatchObject({ refused: 'username-taken' });
  expect(await accounts.logIn(somebody(1, 'ada'))).toMatchObject({ user: numbered(1) });
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
