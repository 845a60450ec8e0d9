import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { environment } from '../src/config.ts';
import { openDataFolder } from '../src/engine/embedded/files/data-folder.ts';
import { startMongod } from './servers/mongod.ts';
import { startNats } from './servers/nats.ts';
import { freePort } from './servers/place.ts';
import { findProgram, type Sources } from './servers/program.ts';
import type { ServerProcess } from './servers/server-process.ts';

/** `npm run servers`: runs nats-server and mongod in the foreground, data in ./data/servers or `--dir`. */
const main = async (dir: string): Promise<void> => {
  const sources: Sources = {
    env: environment(),
    cacheDir: resolve(import.meta.dirname, '../node_modules/.cache/oshi'),
    progress: (line) => process.stderr.write(`${line}\n`),
  };
  const signal = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  const started: ServerProcess[] = [];
  // nats-server does not notice that another one writes the same files.
  const folder = await openDataFolder(dir);
  try {
    const natsServer = await findProgram('nats-server', sources);
    const mongodProgram = await findProgram('mongod', sources);
    const nats = await startNats({
      program: natsServer,
      dir: join(dir, 'nats'),
      port: await freePort(4222),
    });
    started.push(nats);
    const mongod = await startMongod({
      program: mongodProgram,
      dir: join(dir, 'mongod'),
      port: await freePort(27017),
    });
    started.push(mongod);
    process.stdout.write(
      `export OSHI_NATS_URL=${nats.url}\nexport OSHI_MONGODB_URL=${mongod.url}/oshi\n`,
    );
    process.stderr.write(`data in ${dir}; Ctrl-C stops both\n`);
    await signal;
  } finally {
    await Promise.all(started.map((server) => server.stop()));
    await folder.release();
  }
};

const { values } = parseArgs({ options: { dir: { type: 'string', default: 'data/servers' } } });
try {
  await main(resolve(values.dir));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
