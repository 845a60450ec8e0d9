import { eventFamily } from '../../src/events/jetstream/family.ts';
import { openJetstreamRawLog } from '../../src/events/jetstream/raw-log.ts';
import { openJetstreamLog } from '../../src/events/jetstream-log.ts';
import { openLmdbRawLog } from '../../src/events/lmdb/raw-log.ts';
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

/** How fast the commits of a place's log are read as they are kept, nothing done with them. */
export const scanRaw = async (place: Place) => {
  const nats = place.natsUrl === undefined ? undefined : await connectNats(place.natsUrl);
  const log = nats ? await openJetstreamRawLog(nats.nc) : await openLmdbRawLog(place.dataDir);
  let commits = 0;
  let bytes = 0;
  const begun = performance.now();
  for (let partition = 0; partition < log.info.partitions; partition++) {
    const upTo = await log.head(partition);
    for await (const batch of log.scan(partition, { after: 0, upTo })) {
      commits += batch.length;
      bytes += batch.reduce((sum, each) => sum + each.bytes.length, 0);
    }
  }
  const seconds = (performance.now() - begun) / 1000;
  await log.close();
  await nats?.nc.close();
  return { commits, bytes, seconds };
};
