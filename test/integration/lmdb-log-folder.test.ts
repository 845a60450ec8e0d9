import { chmod, mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { configOf } from '../../src/config.ts';
import { fileCheckpoints } from '../../src/engine/embedded/checkpoint-file.ts';
import { openDataFolder } from '../../src/engine/embedded/files/data-folder.ts';
import { openLmdbLog } from '../../src/engine/embedded/lmdb-log/lmdb-log.ts';
import { openLmdbVault } from '../../src/engine/embedded/lmdb-vault/lmdb-vault.ts';
import { openEngine } from '../../src/engine/engine.ts';
import type { Checkpoint } from '../../src/verification/checkpoint.ts';
import { startLogChild, temporaryFolder } from '../support/fixtures/log-child.ts';
import { everything, Writer } from '../support/fixtures/log-fixtures.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let path: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  path = join(folder.path, 'new', 'data');
});
afterEach(async () => {
  await folder.remove();
});

test('a folder is created, for its owner alone', async () => {
  const held = await openDataFolder(path);
  const log = await openLmdbLog({ path });
  expect(held.path).toBe(path);
  expect((await stat(path)).mode & 0o777).toBe(0o700);
  for (const name of await readdir(path)) {
    expect((await stat(join(path, name))).mode & 0o077, name).toBe(0);
  }
  await log.close();
  await held.release();
});

const modeOf = async (...names: string[]): Promise<string> =>
  ((await stat(join(path, ...names))).mode & 0o777).toString(8);

test('a whole engine leaves nothing that others may read, whatever it found', async () => {
  const options = { onError: () => {}, onWarning: () => {} };
  const config = configOf({ OSHI_DATA_DIR: path });
  const made = [
    '.',
    'read-models',
    'read-models/read-models.mdb',
    'log.mdb',
    'vault.mdb',
    'lock.mdb',
  ];
  for (let round = 0; round < 2; round++) {
    const engine = await openEngine(config, options);
    await fileCheckpoints(path).save({ incarnation: 'x' } as Checkpoint);
    for (const name of await readdir(path, { recursive: true })) {
      expect(await modeOf(name), name).toMatch(/^[67]00$/);
    }
    for (const name of made) expect(await modeOf(name), name).toMatch(/^[67]00$/);
    await engine.close();
    for (const name of await readdir(path, { recursive: true }))
      await chmod(join(path, name), 0o755);
    await chmod(path, 0o755);
  }
});

test('files of others in the folder keep their rights', async () => {
  await mkdir(path, { recursive: true });
  await writeFile(join(path, 'notes.txt'), 'x', { mode: 0o644 });
  await (await openDataFolder(path)).release();
  expect([await modeOf('notes.txt'), await modeOf('.')]).toEqual(['644', '700']);
});

test('a second process is refused with one line, until the first is gone, even if it was killed', async () => {
  for (let round = 0; round < 2; round++) {
    const child = startLogChild('hold', path);
    await child.said('held');
    const opening = openDataFolder(path);
    await expect(opening).rejects.toThrow(
      `The data folder ${path} is in use by another process, ${child.pid}. Stop that one first, or name another folder.`,
    );
    await child.kill();
    const held = await openDataFolder(path);
    await held.release();
  }
});

test('of two processes that start at once exactly one gets the folder', async () => {
  for (let round = 0; round < 3; round++) {
    const children = [0, 1].map(() => startLogChild('hold', path));
    const outcomes = await Promise.all(
      children.map((child) =>
        child.said('held').then(
          () => 'held',
          () => child.errors(),
        ),
      ),
    );
    expect(outcomes.filter((outcome) => outcome === 'held')).toHaveLength(1);
    expect(outcomes.find((outcome) => outcome !== 'held')).toMatch(/is in use by another process/);
    await Promise.all(children.map((child) => child.kill()));
  }
});

test('of processes that find a damaged lock at once at most one gets the folder and its vault', async () => {
  await mkdir(path, { recursive: true });
  await (await openLmdbVault(path)).close();
  for (let round = 0; round < 2; round++) {
    await writeFile(join(path, 'lock.mdb'), 'x'.repeat(5000));
    const children = [0, 1, 2].map(() => startLogChild('guard', path));
    const outcomes = await Promise.all(
      children.map((child) =>
        child.said('held').then(
          () => 'held',
          () => child.errors(),
        ),
      ),
    );
    const refused = outcomes.filter((outcome) => outcome !== 'held');
    expect(refused.length).toBeGreaterThanOrEqual(2);
    for (const outcome of refused)
      expect(outcome).toMatch(/is in use by another process|cannot be/);
    await Promise.all(children.map((child) => child.kill()));
  }
});

test('the same process cannot take a folder twice, but again after it was released', async () => {
  const held = await openDataFolder(path);
  await expect(openDataFolder(path)).rejects.toThrow(/in use by this very process/);
  await held.release();
  const again = await openDataFolder(path);
  await again.release();
});

test('a path that is no folder is refused with one line', async () => {
  await writeFile(join(folder.path, 'file'), '');
  const wrong = join(folder.path, 'file', 'data');
  const message = new RegExp(`^The data folder ${wrong} cannot be written to \\(.*\\)\\. [^\\n]*$`);
  await expect(openDataFolder(wrong)).rejects.toThrow(message);
});

test('what a killed process left while it made the files is no hindrance', async () => {
  await mkdir(path, { recursive: true });
  for (const name of ['lock.mdb', 'lock.mdb-lock', 'log.mdb.new', 'log.mdb.new-lock']) {
    await writeFile(join(path, name), '');
  }
  const held = await openDataFolder(path);
  const log = await openLmdbLog({ path });
  const writer = new Writer(log);
  await writer.append();
  expect(await everything(log)).toHaveLength(1);
  await log.close();
  await held.release();
  expect(await readdir(path)).not.toContain('log.mdb.new');
});
