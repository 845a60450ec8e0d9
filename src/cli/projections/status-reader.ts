import type { Config } from '../../config.ts';
import { storageOf } from '../../engine/engine.ts';
import { builtIn } from '../../projections/read-models.ts';
import { type ProjectionStatus, statusesOf } from '../../projections/status.ts';
import { wallClock } from '../../runtime/clock.ts';
import type { QueryReader } from '../../store/document-reader.ts';

/** Reads the status of all projections, repeatedly. */
export type StatusReader = { look(): Promise<ProjectionStatus[]>; close(): Promise<void> };

/** Used before a server has created read models. */
const nothing = { page: async () => [], checkpoint: async () => 0 };

/** Opens the log and the read models for reading, beside a running server or alone. */
export const openStatusReader = async (config: Config): Promise<StatusReader> => {
  const storage = await storageOf(config);
  const log = await storage.readLog();
  let reader: QueryReader | undefined;
  const { partitions } = log.info;
  return {
    async look() {
      // Reads the log last, so that nothing appears to be ahead of it.
      reader ??= await storage.readModels();
      const numbers = Array.from({ length: partitions }, (_, partition) => partition);
      const ends = numbers.map(async (at) => [at, await log.head(at)] as const);
      const heads = new Map(await Promise.all(ends));
      return statusesOf({ reader: reader ?? nothing, builtIn, heads, now: wallClock() });
    },
    async close() {
      await reader?.close();
      await log.close();
    },
  };
};
