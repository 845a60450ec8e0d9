import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkCheckpoints } from '../../../src/engine/embedded/checkpoint-file.ts';
import { refuseLostLog } from '../../../src/engine/embedded/lost-log.ts';
import { checkModels } from '../../../src/engine/start-checks.ts';
import { bindVault } from '../../../src/events/vault-binding.ts';
import { bindToLog } from '../../../src/projections/binding.ts';
import { origins } from '../../../src/store/origins.ts';
import { memoryLog } from '../../contract/doubles/memory-log.ts';
import { memoryStore } from '../../contract/doubles/memory-store.ts';
import { memoryVault } from '../../contract/doubles/memory-vault.ts';
import { tallied } from '../../support/checkers/tally.ts';
import { counts, stamped, texts } from '../../support/generators/chatter.ts';

let dir = '';
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'oshi-checks-'));
});
afterEach(() => rm(dir, { recursive: true }));

const put = async (name: string, content = 'x'): Promise<void> => {
  await mkdir(dirname(join(dir, name)), { recursive: true });
  await writeFile(join(dir, name), content);
};

const besides = [
  'vault.mdb',
  'connections.mdb',
  'checkpoints.ndjson',
  'read-models/read-models.mdb',
];

test.for(besides)('%s without a log: the log is missing', async (name) => {
  await put(name);
  expect(() => refuseLostLog(dir)).toThrow(
    `There is no log.mdb in ${dir}, but ${name} of the log that was there. Restore log.mdb`,
  );
  await put('log.mdb');
  expect(() => refuseLostLog(dir)).not.toThrow();
});

test('a folder in which nothing was kept is begun', async () => {
  expect(() => refuseLostLog(join(dir, 'none'))).not.toThrow();
  for (const name of ['lock.mdb', 'lock.mdb-lock', 'log.mdb.new', 'something.txt']) await put(name);
  for (const name of besides) await put(name, '');
  expect(() => refuseLostLog(dir)).not.toThrow();
});

const checkpoint = (incarnation: string): string =>
  JSON.stringify({
    ...{ v: 1, incarnation, at: 1, positions: [1], heads: 1, root: 'r', key: 'k', signature: 's' },
  });

test('checkpoints must be of this log, if any of them is of a log at all', async () => {
  await checkCheckpoints(dir, 'a');
  await put('checkpoints.ndjson', `${checkpoint('b')}\nno checkpoint\n`);
  await expect(checkCheckpoints(dir, 'a')).rejects.toThrow(
    /checkpoints of another log \(b\).*\(a\)/,
  );
  await put('checkpoints.ndjson', `${checkpoint('b')}\n${checkpoint('a')}\n`);
  await checkCheckpoints(dir, 'a');
  await put('checkpoints.ndjson', 'no checkpoint\n');
  await checkCheckpoints(dir, 'a');
});

test('a vault is bound to the first log that it is used with', async () => {
  const vault = memoryVault();
  const words = { what: 'The vault', remedy: 'Do something.' };
  await bindVault(vault, 'a', words);
  await bindVault(vault, 'a', words);
  await expect(bindVault(vault, 'b', words)).rejects.toThrow(
    'The vault belongs to another log (a) than this one (b). Do something.',
  );
  expect([...vault.kept]).toEqual([['log', 'a']]);
});

/** What is said of read models, or why they are refused. */
const judged = async (log = memoryLog(), store = memoryStore()): Promise<string[]> => {
  const warnings: string[] = [];
  const onWarning = (line: string): void => void warnings.push(line);
  await checkModels({ log, store, what: 'The models', remedy: 'Do something.', onWarning });
  return warnings;
};

test('read models that are missing are announced only if there is something to build', async () => {
  const log = memoryLog();
  expect(await judged(log)).toEqual([]);
  log.record(tallied, [stamped('stream-opened', {})]);
  expect(await judged(log)).toEqual([
    'The models are missing: they are rebuilt from the log, without the read markers of users.',
  ]);
});

test('read models that are all of other logs are refused, and stay', async () => {
  const store = memoryStore();
  const binding = { incarnation: 'other', projections: [texts, counts], say: () => {} };
  await bindToLog(store, binding);
  const log = memoryLog();
  const { incarnation } = log.info;
  await expect(judged(log, store)).rejects.toThrow(
    `The models were built from another log (other) than this one (${incarnation}). Do something.`,
  );
  expect(await store.get(origins.name, 'texts_v1')).toMatchObject({ incarnation: 'other' });
  // One that is left over from an older log is no sign of a wrong store.
  await store.put(origins.name, { _id: 'texts_v1', incarnation });
  expect(await judged(log, store)).toEqual([]);
});
