import type { NatsConnection } from '@nats-io/transport-node';
import type { RawCommit, RawLog } from '../raw-log.ts';
import { eventFamily, namesOf, type PartitionNames } from './family.ts';
import { Link } from './link.ts';
import { pull } from './pull.ts';
import { headOf } from './stored.ts';
import { openStreams } from './streams.ts';

const windowBytes = 4 * 1024 * 1024;

/**
 * The event log on NATS as it is kept. The connection belongs to the caller. Rejects with one line that says what
 * to do if there is no log, or a part of it is missing.
 */
export const openJetstreamRawLog = async (
  nc: NatsConnection,
  { prefix }: { readonly prefix?: string } = {},
): Promise<RawLog> => {
  const link = new Link(nc);
  const place = { family: eventFamily, readOnly: true, ...(prefix !== undefined && { prefix }) };
  const info = await openStreams(link, place);
  const names = namesOf(eventFamily, info.partitions, prefix);
  const at = (partition: number): PartitionNames => {
    const found = names.partitions[partition];
    if (!found) throw new RangeError(`no partition ${partition}`);
    return found;
  };
  return {
    info,
    isDense: true,
    head: (partition) => headOf(link, at(partition)),
    async *scan(partition, { after, upTo }) {
      if (after >= upTo) return;
      const { stream, subjects } = at(partition);
      for await (const window of pull(link, { stream, after, until: upTo, windowBytes })) {
        const commits: RawCommit[] = [];
        for (const { seq, subject, data } of window) {
          if (seq > upTo) break;
          commits.push({ aggregate: names.aggregateOf(subject, subjects), seq, bytes: data });
        }
        if (commits.length > 0) yield commits;
      }
    },
    // The server has no index beside the messages themselves.
    finds: () => true,
    async *orphans() {},
    close: async () => link.close(),
  };
};
