import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { open } from 'lmdb';
import { eventFamily } from '../../../src/engine/cluster/jetstream-log/family.ts';
import { openJetstreamLog } from '../../../src/engine/cluster/jetstream-log/jetstream-log.ts';
import { openKvVault } from '../../../src/engine/cluster/kv-vault.ts';
import { connectNats } from '../../../src/engine/cluster/nats-connection.ts';
import { openDataFolder } from '../../../src/engine/embedded/files/data-folder.ts';
import { openLmdbLog } from '../../../src/engine/embedded/lmdb-log/lmdb-log.ts';
import { vaultFile } from '../../../src/engine/embedded/lmdb-vault/lmdb-vault.ts';
import type { Aggregate } from '../../../src/events/aggregate.ts';
import { emptyTail, type Tail } from '../../../src/events/log.ts';
import type { Answers } from './answers.ts';
import type { Scenario } from './scenario.ts';

const root = resolve(import.meta.dirname, '../../golden/data-folders');

/** What was true of a data folder when it was written. */
export type Expected = {
  readonly scenario: Scenario;
  /** How many events there are, by their kinds. */
  readonly kinds: Readonly<Record<string, number>>;
  /** SHA-256 of all that `oshi replay` printed, in hexadecimal. */
  readonly digest: string;
  readonly answers: Answers;
};

const unpacked = async (...path: readonly string[]): Promise<Buffer> =>
  brotliDecompressSync(await readFile(join(root, ...path)));

/** The data folders that versions of Oshi have written, by their names. */
export const goldenFolders = (): Promise<string[]> => readdir(root);

export const expectedOf = async (name: string): Promise<Expected> =>
  JSON.parse((await unpacked(name, 'expected.json.br')).toString());

/** Puts a data folder where a server finds it. */
export const unpack = async (name: string, target: string): Promise<void> => {
  const files = await readdir(join(root, name), { recursive: true });
  for (const file of files.filter((each) => each.endsWith('.br') && each !== 'expected.json.br')) {
    const path = join(target, file.slice(0, -3));
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, await unpacked(name, file));
  }
};

/** Copies the log and the vault of a data folder to a NATS server that has none. */
export const importTo = async (natsUrl: string, path: string): Promise<void> => {
  const folder = await openDataFolder(path);
  const from = await openLmdbLog({ path });
  const { nc } = await connectNats(natsUrl, { name: 'import' });
  const to = await openJetstreamLog({ nc, family: eventFamily, partitions: 8 });
  const tails = new Map<Aggregate, Tail>();
  for (let partition = 0; partition < from.info.partitions; partition++) {
    for await (const batch of from.scan(partition)) {
      for (const { aggregate, commit } of batch) {
        const after = tails.get(aggregate) ?? emptyTail;
        tails.set(aggregate, await to.append(aggregate, commit, after));
      }
    }
  }
  const vault = await openKvVault(nc);
  const secrets = open<string, string>({
    ...{ path: vaultFile(path), noSubdir: true, readOnly: true, encoding: 'string' },
  });
  for (const { key, value } of secrets.getRange()) if (key !== 'log') await vault.put(key, value);
  await secrets.close();
  await to.close();
  await nc.close();
  await from.close();
  await folder.release();
};
