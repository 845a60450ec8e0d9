import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { openDataFolder } from '../src/engine/embedded/files/data-folder.ts';
import { openLmdbLog } from '../src/engine/embedded/lmdb-log/lmdb-log.ts';
import { nameAggregate, userAggregate } from '../src/events/aggregate.ts';
import { type UserId, uuid7 } from '../src/events/ids.ts';
import { answersOf, linesOf } from '../test/support/fixtures/data-folder/answers.ts';
import { playScenario } from '../test/support/fixtures/data-folder/scenario.ts';
import { runOshi, startOshi } from '../test/support/fixtures/server-process.ts';
import { write } from './seed/writing.ts';

/** An account that was withdrawn, as one that could not join by its invite, and its username. */
const withdrawAccount = async (path: string): Promise<void> => {
  const folder = await openDataFolder(path);
  const log = await openLmdbLog({ path });
  const [user, at] = [uuid7(), Date.now()];
  const stamp = { v: 1, at, by: user };
  const name = (['name-claimed', 'name-released'] as const).map((k) => ({
    ...stamp,
    ...{ k, d: { user } },
  }));
  const account = [
    { ...stamp, k: 'user-registered' as const, d: { username: 'nobody' } },
    { ...stamp, k: 'user-withdrawn' as const, d: {} },
  ];
  const writes = [
    { aggregate: nameAggregate('nobody'), events: name },
    { aggregate: userAggregate(user as UserId), events: account },
  ];
  await write(log, [writes], () => undefined);
  await log.close();
  await folder.release();
};

/**
 * `npx tsx tools/data-folder.ts <folder>` after `npm run build`: writes a data folder as the version at hand writes it,
 * with what a server answers from it, for test/golden/data-folders. It is made once for a version and never changed.
 */
const main = async (target: string): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'oshi-data-folder-'));
  const env = { OSHI_PORT: '0', OSHI_DATA_DIR: folder, OSHI_RATE_LIMITS: 'off' };
  const first = await startOshi(env);
  const scenario = await playScenario(first.url);
  // Connections that nobody closed are ended by the next start.
  await first.kill();
  await withdrawAccount(folder);
  for (const deed of [['suspend', '--reason', 'Spam'], ['resume']]) {
    const [word = '', ...options] = deed;
    const { code, stderr } = await runOshi(['user', word, 'person5', ...options], env);
    if (code !== 0) throw new Error(stderr);
  }
  const second = await startOshi(env);
  const answers = await answersOf(second.url, scenario);
  await second.stop();
  const { code, stdout } = await runOshi(['verify'], { OSHI_DATA_DIR: folder });
  if (code !== 0) throw new Error(stdout);
  const lines = await linesOf(folder);
  const kinds: Record<string, number> = {};
  for (const line of lines.trimEnd().split('\n')) {
    const { k } = JSON.parse(line) as { k: string };
    kinds[k] = (kinds[k] ?? 0) + 1;
  }
  const digest = createHash('sha256').update(lines).digest('hex');
  await mkdir(target, { recursive: true });
  // LMDB makes its lock files anew.
  const names = await readdir(folder, { recursive: true });
  for (const name of names.filter((each) => each.endsWith('.mdb') || each.includes('.ndjson'))) {
    const bytes = await readFile(join(folder, name));
    const file = join(target, `${name}.br`);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, brotliCompressSync(bytes));
  }
  const expected = JSON.stringify({ scenario, kinds, digest, answers });
  await writeFile(join(target, 'expected.json.br'), brotliCompressSync(expected));
  await rm(folder, { recursive: true });
  process.stdout.write(
    `${lines.split('\n').length - 1} events, ${JSON.stringify(kinds, null, 2)}\n`,
  );
};

const [target] = process.argv.slice(2);
if (target === undefined) throw new Error('npx tsx tools/data-folder.ts <folder>');
await main(target);
