import { eventFamily } from '../../src/events/jetstream/family.ts';
import { openJetstreamLog } from '../../src/events/jetstream-log.ts';
import { openLmdbLog } from '../../src/events/lmdb-log.ts';
import type { EventLog } from '../../src/events/log.ts';
import { connectNats } from '../../src/events/nats-connection.ts';
import type { Place } from './oshi.ts';

/** The log of a place, in this process. */
export const openLog = async (place: Place): Promise<{ log: EventLog; close(): Promise<void> }> => {
  if (place.natsUrl === undefined) {
    const log = await openLmdbLog({ path: place.dataDir });
    return { log, close: () => log.close() };
  }
  const { nc } = await connectNats(place.natsUrl);
  const log = await openJetstreamLog({ nc, family: eventFamily, partitions: 8 });
  return {
    log,
    async close() {
      await log.close();
      await nc.close();
    },
  };
};
