import type { Config } from '../../config.ts';
import { storageOf } from '../../engine/engine.ts';
import { builtIn } from '../../projections/read-models.ts';
import { type ProjectionStatus, statusesOf } from '../../projections/status.ts';
import { wallClock } from '../../runtime/clock.ts';
import type { QueryReader } from '../../store/document-reader.ts';

/** How all projections stand, as often as one likes. */
export type StatusReader = { look(): Promise<ProjectionStatus[]>; close(): Promise<void> };

/** What there is before a server has made any read models. */
const nothing = { page: async () => [], checkpoint: async () => 0 };

/** Opens the log and the read models for looking at them, beside a server that may be running. */
export const openStatusReader = async (config: Config): Promise<StatusReader> => {
  const storage = await storageOf(config);
  const log = await storage.readLog();
  let reader: QueryReader | undefined;
  const { partitions } = log.info;
  return {
    async look() {
      // The log last, so that nothing seems to be ahead of it.
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
