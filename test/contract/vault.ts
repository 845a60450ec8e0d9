import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Vault } from '../../src/events/vault.ts';

/** A vault that holds nothing yet, and what an engine must be able to do with it. */
export type OpenedVault = {
  readonly vault: Vault;
  /** Closes the vault and opens it again; `vault` is then of no use. */
  reopen(): Promise<Vault>;
  /** Closes what is open and forgets the data. */
  dispose(): Promise<void>;
};

/** What every vault promises. `open` is called for each test. */
export const vaultContract = (name: string, open: () => Promise<OpenedVault>): void => {
  describe(`a vault: ${name}`, () => {
    let opened: OpenedVault | undefined;
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(async () => {
      await opened?.dispose();
      opened = undefined;
    });
    vaultTests(() => {
      if (!opened) throw new Error('the vault is not open');
      return opened;
    });
  });
};

const key = 'password.018f0000-0000-7000-8000-000000000001';

const vaultTests = (current: () => OpenedVault): void => {
  test('gives what was put last', async () => {
    const { vault } = current();
    expect(await vault.get(key)).toBeUndefined();
    await vault.put(key, 'first');
    expect(await vault.get(key)).toBe('first');
    await vault.put(key, 'second');
    expect(await vault.get(key)).toBe('second');
    expect(await vault.get(`${key}0`)).toBeUndefined();
    expect(await vault.get(key.slice(0, -1))).toBeUndefined();
  });

  test('keeps texts of any kind, up to 4 KiB', async () => {
    const { vault } = current();
    for (const value of ['', ' ', 'ü 👩‍💻 \u0000 \n', 'x'.repeat(4096), '€'.repeat(1365)]) {
      await vault.put(key, value);
      expect(await vault.get(key)).toBe(value);
    }
  });

  test('refuses what is too large and what is no key', async () => {
    const { vault } = current();
    await vault.put(key, 'kept');
    await expect(vault.put(key, 'x'.repeat(4097))).rejects.toThrow();
    await expect(vault.put(key, '€'.repeat(1366))).rejects.toThrow();
    for (const wrong of ['', 'a b', 'ü', 'a\n']) {
      await expect(vault.put(wrong, 'value')).rejects.toThrow();
    }
    expect(await vault.get(key)).toBe('kept');
  });

  test('makes a value once, whoever asks for it, and says which one counts', async () => {
    const { vault, reopen } = current();
    const wanted = Array.from({ length: 8 }, (_, index) => `secret ${index}`);
    const [first = '', ...others] = await Promise.all(
      wanted.map((value) => vault.ensure('secret', value)),
    );
    expect(wanted).toContain(first);
    expect(new Set([first, ...others])).toEqual(new Set([first]));
    expect(await vault.ensure('secret', 'late')).toBe(first);
    const again = await reopen();
    expect(await again.ensure('secret', 'later')).toBe(first);
    await again.destroy('secret');
    expect(await again.ensure('secret', 'new')).toBe('new');
    expect(await again.get('secret')).toBe('new');
  });

  test('forgets what was destroyed, and nothing else', async () => {
    const { vault, reopen } = current();
    await vault.destroy(key);
    await vault.put(key, 'secret');
    await vault.put('other', 'kept');
    await vault.destroy(key);
    expect(await vault.get(key)).toBeUndefined();
    const again = await reopen();
    expect(await again.get(key)).toBeUndefined();
    expect(await again.get('other')).toBe('kept');
    await again.put(key, 'new');
    expect(await again.get(key)).toBe('new');
  });

  test('takes many at once, and has them all when it is opened again', async () => {
    const { vault, reopen } = current();
    const keys = Array.from({ length: 50 }, (_, index) => `password.${index}`);
    await Promise.all(keys.map((one) => vault.put(one, `of ${one}`)));
    const again = await reopen();
    for (const one of keys) expect(await again.get(one)).toBe(`of ${one}`);
  });
};
