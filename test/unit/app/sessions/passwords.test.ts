import { hash, verify } from '@node-rs/argon2';
import { expect, test, vi } from 'vitest';
import { argonHasher } from '../../../../src/app/sessions/passwords.ts';

vi.mock('@node-rs/argon2', async (original) => {
  const argon = await original<typeof import('@node-rs/argon2')>();
  return { ...argon, verify: vi.fn(argon.verify) };
});

const asker = { client: 'test', isGone: () => false };
const [composed, decomposed] = ['gültig-genug', 'gültig-genug'.normalize('NFD')];
const hasher = argonHasher(false);

test('a password is right in NFC and in NFD, however it was set', async () => {
  expect(composed).not.toBe(decomposed);
  for (const set of [composed, decomposed]) {
    const known = await hasher.hash(set, asker);
    expect(await hasher.verify(known, composed, asker)).toBe(true);
    expect(await hasher.verify(known, decomposed, asker)).toBe(true);
    expect(await hasher.verify(known, 'gultig-genug', asker)).toBe(false);
  }
});

test('a password that an earlier version hashed as it was typed stays right', async () => {
  const known = await hash(decomposed);
  expect(await hasher.verify(known, decomposed, asker)).toBe(true);
  expect(await hasher.verify(known, `${decomposed}x`, asker)).toBe(false);
});

test('nothing fits nobody, after as much work as for somebody [W1]', async () => {
  const known = await hasher.hash('another one', asker);
  const works = async (user: string | undefined, password: string): Promise<number> => {
    const before = vi.mocked(verify).mock.calls.length;
    expect(await hasher.verify(user, password, asker)).toBe(false);
    return vi.mocked(verify).mock.calls.length - before;
  };
  for (const [password, work] of [
    [composed, 1],
    [decomposed, 2],
  ] as const) {
    expect(await works(known, password)).toBe(work);
    expect(await works(undefined, password)).toBe(work);
  }
  const parametersOf = (made: unknown): string[] => String(made).split('$').slice(0, 4);
  const [nobody] = vi.mocked(verify).mock.lastCall ?? [];
  expect(parametersOf(nobody)).toEqual(parametersOf(known));
});
