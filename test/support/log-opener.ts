import { setTimeout as sleep } from 'node:timers/promises';
import { openLmdbRawLog } from '../../src/engine/embedded/lmdb-log/raw-log.ts';

// A process that opens the log of a folder and closes it, over and over, as commands beside a server do.
const [path = ''] = process.argv.slice(2);
process.stdout.write('opens\n');
for (;;) {
  const log = await openLmdbRawLog(path);
  await log.close();
  await sleep(10);
}
