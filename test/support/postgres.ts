import { execFile } from 'node:child_process';
import { access, chown, constants, mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { env, getuid, stderr } from 'node:process';
import { promisify } from 'node:util';
import pg from 'pg';
import { freePort } from '../../tools/servers/place.ts';
import { type ServerProcess, startServer } from '../../tools/servers/server-process.ts';
import { until } from './waiting.ts';

const run = promisify(execFile);
const { OSHI_POSTGRES: named, PATH: path = '', CI: ci } = env;
const debianDir = '/usr/lib/postgresql';

const holds = async (dir: string): Promise<boolean> => {
  try {
    for (const name of ['initdb', 'postgres']) await access(join(dir, name), constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** The folders in which Debian keeps a server's programs, the newest version first. */
const debianFolders = async (): Promise<string[]> => {
  const versions = await readdir(debianDir).catch(() => []);
  const newestFirst = versions.toSorted((one, other) => Number(other) - Number(one));
  return newestFirst.map((version) => join(debianDir, version, 'bin'));
};

/** The folder of PostgreSQL's programs: `OSHI_POSTGRES`, else on `PATH`, else where Debian has them. */
const findPostgres = async (): Promise<string> => {
  if (named) {
    if (await holds(named)) return named;
    throw new Error(`OSHI_POSTGRES names ${named}, where no initdb and postgres are: correct it`);
  }
  for (const dir of [...path.split(delimiter), ...(await debianFolders())]) {
    if (dir && (await holds(dir))) return dir;
  }
  throw new Error(
    'no PostgreSQL: install it (Debian: apt-get install postgresql), or set OSHI_POSTGRES to the folder of its programs',
  );
};

/** The folder of PostgreSQL's programs; undefined where there is none, which is a failure under `CI=true`. */
export const postgresPrograms = (): Promise<string | undefined> =>
  findPostgres().catch((error: Error) => {
    if (ci === 'true') throw error;
    stderr.write(`skipping what needs PostgreSQL: ${error.message}\n`);
    return undefined;
  });

/** PostgreSQL refuses to run as root: whoever is root runs it as this user. Empty for everybody else. */
const otherUser = async (): Promise<{ words: string[]; uid?: number }> => {
  if (getuid?.() !== 0) return { words: [] };
  const known = await run('id', ['-u', 'postgres']).then(
    () => 'postgres',
    () => 'nobody',
  );
  const [uid, gid] = await Promise.all(
    ['-u', '-g'].map(async (option) => (await run('id', [option, known])).stdout.trim()),
  );
  return {
    words: ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'],
    uid: Number(uid),
  };
};

/** Starts a server with an empty database in a temporary folder, on a port of its own on 127.0.0.1. */
export const startPostgres = async (programs: string): Promise<ServerProcess> => {
  const dir = await mkdtemp(join(tmpdir(), 'oshi-postgres-'));
  const { words, uid } = await otherUser();
  if (uid !== undefined) await chown(dir, uid, -1);
  const data = join(dir, 'data');
  const [first = '', ...rest] = [...words, join(programs, 'initdb')];
  const form = ['--encoding=UTF8', '--locale=C', '--auth=trust', '--username=oshi', '--no-sync'];
  await run(first, [...rest, ...form, '--pgdata', data], { cwd: dir });
  const port = await freePort();
  const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', `port=${port}`];
  const [program = '', ...args] = [
    ...[...words, join(programs, 'postgres'), '-D', data],
    ...settings.flatMap((setting) => ['-c', setting]),
  ];
  return await startServer({
    ...{ name: 'postgres', program, args, dir, dirIsTemporary: true, port },
    url: `postgresql://oshi@127.0.0.1:${port}/postgres`,
    // It would wait for its clients to leave on SIGTERM.
    stopSignal: 'SIGINT',
  });
};

/** A connection of the test's own, once the server takes one. */
export const connectPostgres = async (url: string): Promise<pg.Client> => {
  let connected: pg.Client | undefined;
  await until(async () => {
    const client = new pg.Client({ connectionString: url });
    // It ends with the server.
    client.on('error', () => {});
    connected = await client.connect().then(
      () => client,
      () => undefined,
    );
    return connected !== undefined;
  }, 'a connection to PostgreSQL');
  if (!connected) throw new Error('no connection');
  return connected;
};
