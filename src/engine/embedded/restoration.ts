import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { partitionOf } from '../../events/aggregate.ts';
import { acquiring } from '../../runtime/resources.ts';
import { markStore } from '../../store/origins.ts';
import type { Restoration, StoredCommit } from '../storage.ts';
import { checkpointFile, fileCheckpoints } from './checkpoint-file.ts';
import { syncPath } from './files/creation.ts';
import { openDataFolder } from './files/data-folder.ts';
import type { NewCommit } from './lmdb-log/commit-store.ts';
import { LogFile, openLogFile } from './lmdb-log/log-file.ts';
import { openLmdbRawLog } from './lmdb-log/raw-log.ts';
import { embeddedStore } from './lmdb-store/lmdb-store.ts';
import { openLmdbVault } from './lmdb-vault/lmdb-vault.ts';

/** Present while a folder is being restored. */
const markerName = 'restore-unfinished';
const partitions = 1;

/** All that a data folder holds besides its lock. */
const contents = ['log.mdb', 'vault.mdb', 'connections.mdb', checkpointFile, 'read-models'];

/** Throws with one line if the restore of a data folder was interrupted. */
export const refuseUnfinished = (dataDir: string): void => {
  if (!existsSync(join(dataDir, markerName))) return;
  throw new Error(
    `The data in ${dataDir} is incomplete, since a restore was interrupted. Run oshi restore again.`,
  );
};

/** Removes what an interrupted restore has left; throws with one line if there is anything else. */
const empty = (path: string): void => {
  const marker = join(path, markerName);
  const found = contents.filter((name) => existsSync(join(path, name)));
  if (found.length > 0 && !existsSync(marker)) {
    throw new Error(
      `${path} holds data already (${found.join(', ')}). Restore to an empty folder: set OSHI_DATA_DIR.`,
    );
  }
  writeFileSync(marker, '', { mode: 0o600 });
  syncPath(marker);
  syncPath(path);
  for (const name of found) {
    for (const each of [name, `${name}-lock`]) {
      rmSync(join(path, each), { recursive: true, force: true });
    }
  }
};

/** Prepares a data folder to be filled from a backup. */
export const restoreFolder = (
  dataDir: string,
  onWarning: (line: string) => void,
): Promise<Restoration> =>
  acquiring(async (resources) => {
    const close = (it: { close(): unknown }): unknown => it.close();
    const folder = await openDataFolder(dataDir, { onWarning });
    const { path } = resources.add(folder, () => folder.release());
    empty(path);
    const options = { file: join(path, 'log.mdb'), readOnly: false, partitions };
    const log = resources.add(new LogFile(options, await openLogFile(options)), close);
    const vault = resources.add(await openLmdbVault(path), close);
    const store = await embeddedStore({ path: join(path, 'read-models') });
    resources.add(store, close);
    await markStore(store, log.info.incarnation);
    let last = 0;

    const placed = ({ aggregate, n, bytes }: StoredCommit): NewCommit => {
      last += 1;
      return { aggregate, n, bytes, seq: last, partition: partitionOf(aggregate, partitions) };
    };
    return {
      info: log.info,
      vault,
      store,
      checkpoints: fileCheckpoints(path),
      async append(commits) {
        const added = commits.map(placed);
        const bytes = commits.reduce((sum, commit) => sum + commit.bytes.length, 0);
        const landed = (): boolean => false;
        if (added.length > 0) await log.write({ bytes, run: (file) => file.write(added), landed });
        return added.map(({ seq }) => seq);
      },
      async readRawLog() {
        await log.close();
        return openLmdbRawLog(path);
      },
      async complete() {
        rmSync(join(path, markerName));
        syncPath(path);
      },
      close: () => resources.release(),
    };
  });
