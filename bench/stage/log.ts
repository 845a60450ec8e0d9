import { randomUUID } from 'node:crypto';
import { eventFamily } from '../../src/engine/cluster/jetstream-log/family.ts';
import { openJetstreamLog } from '../../src/engine/cluster/jetstream-log/jetstream-log.ts';
import { openJetstreamRawLog } from '../../src/engine/cluster/jetstream-log/raw-log.ts';
import { connectNats } from '../../src/engine/cluster/nats-connection.ts';
import { openLmdbLog } from '../../src/engine/embedded/lmdb-log/lmdb-log.ts';
import { openLmdbRawLog } from '../../src/engine/embedded/lmdb-log/raw-log.ts';
import type { Aggregate } from '../../src/events/aggregate.ts';
import { type Commit, type EventStamp, type LoggedEvent, lastOf } from '../../src/events/commit.ts';
import type { KnownEvent } from '../../src/events/kinds/kinds.ts';
import type { EventLog, Tail } from '../../src/events/log.ts';
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

/** An event with its stamp. */
export const happened = (one: KnownEvent, stamp: EventStamp): LoggedEvent =>
  ({ ...one, ...stamp }) as LoggedEvent;

/** Appends one commit behind the tail of an aggregate, and gives the new tail. */
export const put = async (
  log: EventLog,
  aggregate: Aggregate,
  { tail, events }: { readonly tail: Tail; readonly events: readonly LoggedEvent[] },
): Promise<Tail> => {
  const commit: Commit = { id: randomUUID(), n: tail.n + 1, prev: tail.hash, term: 1, events };
  return { ...(await log.append(aggregate, commit, tail)), n: lastOf(commit) };
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
