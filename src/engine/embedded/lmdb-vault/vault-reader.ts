import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { open } from 'lmdb';
import type { Vault } from '../../../events/vault.ts';
import { checkStructure } from '../files/file-structure.ts';
import { openBesideWriters } from '../files/opening-gate.ts';
import { opening } from '../files/refusal.ts';

/** Reads the vault of a data folder beside the server that holds it; undefined if there is none. */
export const readLmdbVault = async (
  path: string,
): Promise<Pick<Vault, 'get' | 'close'> | undefined> => {
  const file = join(path, 'vault.mdb');
  if (!existsSync(file)) return undefined;
  const root = await openBesideWriters(file, () => {
    checkStructure(file, { shared: true });
    return opening(file, () =>
      open<string, string>(file, { noSubdir: true, encoding: 'string', readOnly: true }),
    );
  });
  return { get: async (key) => root.get(key), close: () => root.close() };
};
