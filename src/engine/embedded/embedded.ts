import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { bindVault } from '../../events/vault-binding.ts';
import { wallClock } from '../../runtime/clock.ts';
import { acquiring, type Resources } from '../../runtime/resources.ts';
import { checkModels, hasEvents, lostVault } from '../start-checks.ts';
import {
  connectionRetentionMs,
  type Engine,
  type EngineOptions,
  type Storage,
} from '../storage.ts';
import { checkCheckpoints, fileCheckpoints } from './checkpoint-file.ts';
import { openDataFolder } from './files/data-folder.ts';
import { openExpendable } from './files/expendable.ts';
import { diskOf } from './files/free-space.ts';
import { inspectFolder } from './inspection.ts';
import { openLmdbLog } from './lmdb-log/lmdb-log.ts';
import { openLmdbRawLog } from './lmdb-log/raw-log.ts';
import { embeddedStore } from './lmdb-store/lmdb-store.ts';
import { embeddedReader } from './lmdb-store/reader.ts';
import { openLmdbVault, readLmdbVault, vaultFile } from './lmdb-vault/lmdb-vault.ts';
import { refuseLostLog } from './lost-log.ts';
import { answerRequestsIn, requestTo } from './request-socket.ts';
import { refuseUnfinished, restoreFolder } from './restoration.ts';
import { openScratchFolder } from './scratch-folder.ts';

const connectionsName = 'connections';

const requireData = (dataDir: string): void => {
  refuseUnfinished(dataDir);
  if (existsSync(dataDir)) return;
  throw new Error(`there is no data in ${dataDir}; set OSHI_DATA_DIR to where a server keeps it`);
};

export const embeddedStorage = (dataDir: string): Storage => {
  const models = join(dataDir, 'read-models');
  return {
    where: `in ${dataDir}`,
    serve: (options) => acquiring((resources) => serve(dataDir, options, resources)),
    request: (text) => requestTo(dataDir, text),
    async readLog() {
      requireData(dataDir);
      return openLmdbLog({ path: dataDir, readOnly: true });
    },
    async readRawLog() {
      requireData(dataDir);
      return openLmdbRawLog(dataDir);
    },
    async readConnectionLog() {
      if (!existsSync(join(dataDir, `${connectionsName}.mdb`))) return undefined;
      return openLmdbLog({ path: dataDir, name: connectionsName, readOnly: true });
    },
    readModels: () => embeddedReader(models),
    readVault: () => readLmdbVault(dataDir),
    newestCheckpoint: (incarnation) => fileCheckpoints(dataDir).newest(incarnation),
    async openStore() {
      requireData(dataDir);
      return embeddedStore({ path: models });
    },
    openScratchStore: () => openScratchFolder(dataDir),
    restore: ({ onWarning }) => restoreFolder(dataDir, onWarning),
    inspect: async () => inspectFolder(dataDir),
  };
};

/**
 * The vault first, since it detects whether another process uses the folder; but none is created if the log was lost.
 */
const serve = async (
  dataDir: string,
  { onWarning, isNewVault = false }: EngineOptions,
  resources: Resources,
): Promise<Engine> => {
  const close = (it: { close(): unknown }): unknown => it.close();
  const folder = await openDataFolder(dataDir, { onWarning });
  const { path } = resources.add(folder, () => folder.release());
  refuseUnfinished(path);
  refuseLostLog(path);
  const openVault = async () => resources.add(await openLmdbVault(path), close);
  const known = existsSync(vaultFile(path)) ? await openVault() : undefined;
  const models = join(path, 'read-models');
  const file = join(path, `${connectionsName}.mdb`);
  const log = await openLmdbLog({ path });
  resources.add(log, close);
  if (!(known || isNewVault) && (await hasEvents(log))) throw lostVault('vault.mdb', `in ${path}`);
  const vault = known ?? (await openVault());
  const { incarnation } = log.info;
  await bindVault(vault, incarnation, {
    what: vaultFile(path),
    remedy: 'Restore the vault.mdb and the log.mdb that belong together.',
  });
  await checkCheckpoints(path, incarnation);
  const connectionLog = await openExpendable({
    file,
    keptMs: connectionRetentionMs,
    now: wallClock,
    onWarning,
    open: () => openLmdbLog({ path, name: connectionsName, retentionMs: connectionRetentionMs }),
  });
  resources.add(connectionLog, close);
  const store = resources.add(await embeddedStore({ path: models }), close);
  await checkModels({
    log,
    store,
    onWarning,
    what: `The read models in ${models}`,
    remedy: `Restore the log.mdb that they were built from, or move ${models} away: they are then rebuilt, without the read markers of users.`,
  });
  const checkpoints = fileCheckpoints(path);
  const ports = { log, connectionLog, store, vault, checkpoints };
  return {
    name: 'embedded',
    ...ports,
    volumes: [diskOf(path)],
    answerRequests: async (handler) => {
      resources.add(await answerRequestsIn(path, handler, onWarning), close);
    },
    close: () => resources.release(),
  };
};
