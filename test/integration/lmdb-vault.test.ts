import { stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openLmdbVault } from '../../src/engine/embedded/lmdb-vault/lmdb-vault.ts';
import { vaultContract } from '../contract/vault.ts';
import { temporaryFolder } from '../support/fixtures/log-child.ts';

vaultContract('LMDB', async () => {
  const { path, remove } = await temporaryFolder();
  const vault = await openLmdbVault(path);
  let latest = vault;
  return {
    vault,
    reopen: async () => {
      await latest.close();
      latest = await openLmdbVault(path);
      return latest;
    },
    dispose: async () => {
      await latest.close();
      await remove();
    },
  };
});

test('the file is its owner’s alone, and refused when it is damaged', async () => {
  const { path, remove } = await temporaryFolder();
  const file = join(path, 'vault.mdb');
  const vault = await openLmdbVault(path);
  for (let count = 0; count < 20; count++) await vault.put(`key.${count}`, 'x'.repeat(4000));
  await vault.close();
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  await truncate(file, 20_000);
  await expect(openLmdbVault(path)).rejects.toThrow(/vault\.mdb is damaged .* backup/);
  await remove();
});
