import type { Config } from '../config.ts';
import type { Engine, EngineOptions, Storage } from './storage.ts';

/** The configured storage. Only the code of its engine is loaded. */
export const storageOf = async ({
  cluster,
  dataDir,
}: Pick<Config, 'cluster' | 'dataDir'>): Promise<Storage> => {
  if (!cluster) return (await import('./embedded/embedded.ts')).embeddedStorage(dataDir);
  return (await import('./cluster/cluster.ts')).clusterStorage(cluster);
};

/** Opens the configured engine for one server. Rejects with one line that says what to do. */
export const openEngine = async (
  config: Pick<Config, 'cluster' | 'dataDir'>,
  options: EngineOptions,
): Promise<Engine> => (await storageOf(config)).serve(options);
