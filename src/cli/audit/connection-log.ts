import type { Config } from '../../config.ts';
import { storageOf } from '../../engine/engine.ts';
import type { EventLog } from '../../events/log.ts';

/** The log of connections, opened on the first read; empty if no server has written one. */
export const connectionLogToRead = (
  config: Config,
): Pick<EventLog, 'read'> & { close(): Promise<void> } => {
  let opened: Promise<EventLog | undefined> | undefined;
  return {
    async *read(aggregate, options) {
      opened ??= storageOf(config).then((storage) => storage.readConnectionLog());
      const log = await opened;
      if (log) yield* log.read(aggregate, options);
    },
    close: async () => (await opened)?.close(),
  };
};
