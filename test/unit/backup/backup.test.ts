import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateIdentity, identityToRecipient } from 'age-encryption';
import { expect, onTestFinished, test } from 'vitest';
import { backUp } from '../../../src/backup/backup.ts';
import { BackupDamaged } from '../../../src/backup/damage.ts';
import { checkBackup, restore } from '../../../src/backup/restore.ts';
import { embeddedStorage } from '../../../src/engine/embedded/embedded.ts';
import { openLmdbLog } from '../../../src/engine/embedded/lmdb-log/lmdb-log.ts';
import { openLmdbVault } from '../../../src/engine/embedded/lmdb-vault/lmdb-vault.ts';
import type { Storage } from '../../../src/engine/storage.ts';
import type { Recorded } from '../../../src/events/log.ts';
import type { RawCommit } from '../../../src/events/raw-log.ts';
import { everything, posted, Writer } from '../../support/fixtures/log-fixtures.ts';

const identity = await generateIdentity();
const encryption = { recipients: [await identityToRecipient(identity)] };
const decryption = { identities: [identity] };
const at = 1_700_000_000_000;

/** A folder with a log of several partitions and a vault, and the commands on it. */
const prepared = async ({ partitions = 4, writers = 6, rounds = 3 } = {}) => {
  const dir = await mkdtemp(join(tmpdir(), 'oshi-backup-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const path = join(dir, 'data');
  const log = await openLmdbLog({ path, partitions });
  const all = Array.from({ length: writers }, () => new Writer(log));
  let now = at;
  const write = async (): Promise<void> => {
    for (let round = 0; round < rounds; round++) {
      for (const writer of all) await writer.append([posted(`${now}`, now++)]);
    }
  };
  await write();
  const vault = await openLmdbVault(path);
  await vault.put('password.someone', 'a hash');
  await vault.close();
  const folder = join(dir, 'backup');
  const shared = { folder, onProgress: () => undefined };
  return {
    dir,
    log,
    write,
    folder,
    now: () => now,
    recorded: () => everything(log),
    backUp: () =>
      backUp({
        ...shared,
        storage: embeddedStorage(path),
        encryption,
        version: '0.0.0',
        now: () => now,
      }),
    check: (until?: number) => checkBackup({ ...shared, decryption, until }),
    restore: (until?: number, target = join(dir, 'target')) =>
      restore({
        ...shared,
        decryption,
        until,
        storage: embeddedStorage(target),
        now: () => now,
        onWarning: () => undefined,
      }),
    async restored(): Promise<Recorded[]> {
      const opened = await embeddedStorage(join(dir, 'target')).readLog();
      return everything(opened).finally(() => opened.close());
    },
  };
};

const identityOf = ({ aggregate, commit, hash }: Recorded): string =>
  `${aggregate} ${commit.n} ${hash}`;

test('what is restored has the same numbers and hashes, in the order of time', async () => {
  const stage = await prepared();
  await stage.backUp();
  const { incarnation } = await stage.restore();
  expect(incarnation).not.toBe(stage.log.info.incarnation);
  const originals = await stage.recorded();
  const restored = await stage.restored();
  expect(restored.map(identityOf).sort()).toEqual(originals.map(identityOf).sort());
  const times = restored.map(({ commit }) => commit.events[0]?.at ?? 0);
  expect(times).toEqual([...times].sort((one, other) => one - other));
  const vault = await embeddedStorage(join(stage.dir, 'target')).readVault();
  expect(await vault?.get('password.someone')).toBe('a hash');
  await vault?.close();
});

test('later runs add what is new, and replace the files of the last one that they cover', async () => {
  const stage = await prepared();
  expect(await stage.backUp()).toMatchObject({ commits: 18, since: undefined });
  const before = await readdir(stage.folder);
  await stage.write();
  expect(await stage.backUp()).toMatchObject({ commits: 18, since: stage.now() - 18 });
  expect(await stage.backUp()).toMatchObject({ commits: 0 });
  expect(await readdir(stage.folder)).toHaveLength(before.length);
  await stage.restore();
  expect(await stage.restored()).toHaveLength(36);
});

test('a point in time ends before the first event that is later', async () => {
  const stage = await prepared();
  await stage.backUp();
  expect(await stage.check(at + 6)).toMatchObject({ commits: 7, isEarlier: true });
  await expect(stage.check(at - 1)).rejects.toThrow(/holds nothing before 2023-11-14T22:13/);
  expect(await stage.check(at + 1000)).toMatchObject({ commits: 18, isEarlier: false });
  await stage.restore(at + 6);
  const restored = await stage.restored();
  expect(restored.map(({ commit }) => commit.events[0]?.at)).toEqual(
    Array.from({ length: 7 }, (_, index) => at + index),
  );
});

test('any change of a file is found, and nothing is written', async () => {
  const stage = await prepared({ partitions: 1 });
  await stage.backUp();
  const names = await readdir(stage.folder);
  expect(names).toHaveLength(4);
  for (const name of names) {
    const file = join(stage.folder, name);
    const content = await readFile(file);
    const changed = Buffer.from(content);
    changed[content.length >> 1] = (content[content.length >> 1] ?? 0) ^ 1;
    for (const damaged of [changed, content.subarray(0, -2), Buffer.alloc(0)]) {
      await writeFile(file, damaged);
      await expect(stage.restore()).rejects.toThrow(BackupDamaged);
      await expect(stage.restore()).rejects.toThrow(/^[^\n]*backup\/\S+ is damaged: [^\n]+$/);
    }
    await rm(file);
    await expect(stage.restore()).rejects.toThrow(BackupDamaged);
    await writeFile(file, content);
  }
  expect(await readdir(stage.dir)).not.toContain('target');
  await stage.restore();
});

test('a backup of a newer format names the version that wrote it', async () => {
  const stage = await prepared();
  await stage.backUp();
  const file = join(stage.folder, 'backup.json');
  const manifest = JSON.parse(await readFile(file, 'utf8'));
  await writeFile(file, JSON.stringify({ ...manifest, format: 99, oshi: '9.0.0' }));
  await expect(stage.check()).rejects.toThrow(/format 99, written by Oshi 9\.0\.0/);
});

test('a log that does not continue the backup is refused', async () => {
  const stage = await prepared();
  await stage.backUp();
  const other = await prepared();
  const storage = embeddedStorage(join(other.dir, 'data'));
  const options = { encryption, version: '0', now: () => at, onProgress: () => undefined };
  const running = backUp({ ...options, storage, folder: stage.folder });
  await expect(running).rejects.toThrow(/holds a backup of another log/);
});

test('a folder with other files is not written to', async () => {
  const stage = await prepared();
  const storage = embeddedStorage(join(stage.dir, 'data'));
  const options = { encryption, version: '0', now: () => at, onProgress: () => undefined };
  const running = backUp({ ...options, storage, folder: stage.dir });
  await expect(running).rejects.toThrow(/holds other files \(data\); name a new folder/);
});

test('a restore that was interrupted is refused by everything but a restore', async () => {
  const stage = await prepared();
  await stage.backUp();
  const storage = embeddedStorage(join(stage.dir, 'target'));
  const interrupted = await storage.restore({ onWarning: () => undefined });
  await interrupted.close();
  const refused = /incomplete, since a restore was interrupted\. Run oshi restore again/;
  await expect(storage.readLog()).rejects.toThrow(refused);
  await expect(storage.readRawLog()).rejects.toThrow(refused);
  const options = { onError: () => undefined, onWarning: () => undefined };
  await expect(storage.serve(options)).rejects.toThrow(refused);
  await stage.restore();
  expect(await stage.restored()).toHaveLength(18);
});

test('only files of backups are removed', async () => {
  const stage = await prepared();
  await stage.backUp();
  const others = ['log-notes.txt', 'vault-keys.kdbx', 'state-1.gz'];
  for (const name of others) await writeFile(join(stage.folder, name), '');
  await writeFile(join(stage.folder, 'log-0-1-99.gz.part'), 'of an interrupted run');
  await stage.backUp();
  const names = await readdir(stage.folder);
  expect(names).toEqual(expect.arrayContaining(others));
  expect(names.filter((name) => name.endsWith('.part'))).toEqual([]);
});

test('a vault that is missing or of another log does not replace the one in the backup', async () => {
  const stage = await prepared();
  await stage.backUp();
  const before = await readdir(stage.folder);
  const path = join(stage.dir, 'data');
  await rm(join(path, 'vault.mdb'));
  await expect(stage.backUp()).rejects.toThrow(/there is no vault beside the log/);
  const vault = await openLmdbVault(path);
  await vault.put('log', 'another');
  await vault.close();
  await expect(stage.backUp()).rejects.toThrow(/the vault belongs to another log \(another\)/);
  expect(await readdir(stage.folder)).toEqual(before);
  await stage.check();
});

test('a segment that was lost or cut is written again by the next run', async () => {
  const stage = await prepared({ partitions: 1 });
  await stage.backUp();
  const names = await readdir(stage.folder);
  const segment = join(stage.folder, names.find((name) => name.startsWith('log-')) ?? '');
  for (const damage of [() => rm(segment), () => writeFile(segment, 'cut')]) {
    await damage();
    await expect(stage.check()).rejects.toThrow(BackupDamaged);
    await stage.backUp();
    expect(await stage.check()).toMatchObject({ commits: 18 });
  }
});

test('positions that a failed append has left empty are no fault, unless the log must have none', async () => {
  const stage = await prepared({ partitions: 1 });
  const storage = embeddedStorage(join(stage.dir, 'data'));
  const hole = 3;
  const moved = (seq: number): number => (seq > 5 ? seq + hole : seq);
  const original = (seq: number): number => (seq > 5 ? Math.max(5, seq - hole) : seq);
  const withHole = (isDense: boolean): Storage => ({
    ...storage,
    async readRawLog() {
      const raw = await storage.readRawLog();
      const shifted = (commit: RawCommit): RawCommit => ({ ...commit, seq: moved(commit.seq) });
      return {
        ...raw,
        isDense,
        head: async (partition) => moved(await raw.head(partition)),
        async *scan(partition, { after, upTo }) {
          const range = { after: original(after), upTo: original(upTo) };
          for await (const batch of raw.scan(partition, range)) yield batch.map(shifted);
        },
      };
    },
  });
  const options = { encryption, version: '0', now: () => at, onProgress: () => undefined };
  const folder = join(stage.dir, 'holes');
  const dense = backUp({ ...options, folder, storage: withHole(true) });
  await expect(dense).rejects.toThrow(/no commit at position 0:6 any more; see oshi verify/);
  await backUp({ ...options, folder, storage: withHole(false) });
  const checked = await checkBackup({ folder, decryption, onProgress: () => undefined });
  expect(checked).toMatchObject({ commits: 18, positions: [18 + hole] });
});
