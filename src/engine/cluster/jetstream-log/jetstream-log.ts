import type { NatsConnection } from '@nats-io/transport-node';
import { encode, hashOf } from '../../../events/codec.ts';
import { lastOf } from '../../../events/commit.ts';
import type { EventLog, Tail } from '../../../events/log.ts';
import { TailCache } from '../../tail-cache.ts';
import { Appender } from './appender.ts';
import { type Entry, failureOf } from './entry.ts';
import { at, namesOf } from './family.ts';
import { Feed } from './feed.ts';
import { type HistoryOptions, history, lastRecorded, tailOf } from './history.ts';
import { Link } from './link.ts';
import { recordedAt } from './positions.ts';
import { scan } from './scan.ts';
import { headOf } from './stored.ts';
import { type LogPlace, openStreams } from './streams.ts';

export type JetstreamLogOptions = LogPlace & {
  /** Belongs to the caller, who closes it after the log. */
  readonly nc: NatsConnection;
  /** How long to wait for the answer to an append before it is looked up, in ms. */
  readonly answerMsMax?: number;
  /** How long to wait for a lost connection before an append is reported as unknown, in ms. */
  readonly regainMsMax?: number;
  /** How often `live` compares the end of the log with what has arrived, in ms. */
  readonly headCheckMs?: number;
  /** Called with what keeps `live` from continuing, and when a handler has thrown. */
  readonly onFault?: (error: Error) => void;
};

const batchBytesDefault = 4 * 1024 * 1024;
const tailsMax = 10_000;

/**
 * An event log on NATS JetStream, created if it does not exist. Works with nats-server 2.9 and later, with batches
 * from 2.12.1 on. Rejects with one line that says what to do if the streams on the server cannot be used.
 */
export const openJetstreamLog = async (options: JetstreamLogOptions): Promise<EventLog> => {
  const { nc, family, prefix } = options;
  const { answerMsMax = 4_000, regainMsMax = 10_000, headCheckMs = 30_000 } = options;
  const { onFault = () => {} } = options;
  const link = new Link(nc);
  const info = await openStreams(link, options);
  const names = namesOf(family, info.partitions, prefix);
  const past: HistoryOptions = { link, names, forgets: options.retentionMs !== undefined };
  const appenders = names.partitions.map(
    (partition) => new Appender({ link, partition, answerMsMax, regainMsMax }),
  );
  const feeds = names.partitions.map(
    (partition) => new Feed({ link, names, partition, headCheckMs, onFault }),
  );
  const tails = new TailCache(tailsMax);
  const readerFor = (index: number) => ({ link, names, partition: at(names.partitions, index) });

  return {
    info,

    append(aggregate, commit, after) {
      return new Promise<Tail>((resolve, reject) => {
        const bytes = encode(commit);
        const entry: Entry = {
          aggregate,
          commit,
          subject: names.subjectOf(aggregate),
          bytes,
          after,
          stored(seq) {
            const tail = { n: lastOf(commit), hash: hashOf(bytes), seq };
            tails.set(aggregate, tail);
            resolve(tail);
          },
          failed: reject,
        };
        const follows = commit.n === after.n + 1 && commit.prev === after.hash;
        if (!follows || contradicts(tails.get(aggregate), after)) {
          throw failureOf('conflict', entry, {
            detail: `event ${commit.n} cannot follow event ${after.n}`,
          });
        }
        at(appenders, names.partitionOf(aggregate)).append(entry);
      });
    },

    async tail(aggregate) {
      const tail = tailOf(await lastRecorded(past, aggregate));
      tails.set(aggregate, tail);
      return tail;
    },

    read(aggregate, { after = 0, from } = {}) {
      return history(past, aggregate, { after, from });
    },

    at(partition, seqs) {
      return recordedAt(readerFor(partition), seqs);
    },

    async *scan(partition, { after = 0, batchBytes = batchBytesDefault } = {}) {
      const reader = readerFor(partition);
      const until = await headOf(link, reader.partition);
      yield* scan({ ...reader, after, until, batchBytes });
    },

    async live(partition, handler, options) {
      return await at(feeds, partition).add(handler, options);
    },

    async head(partition) {
      return await headOf(link, readerFor(partition).partition);
    },

    async close() {
      await Promise.all(appenders.map((appender) => appender.close()));
      await Promise.all(feeds.map((feed) => feed.close()));
      link.close();
    },
  };
};

/**
 * Whether a tail contradicts the one that was seen last. The server compares only positions: a commit after the right
 * position with a wrong number or hash would be stored, and break the chain permanently. That would be a bug of this
 * program; here it is detected for recent tails.
 */
export const contradicts = (known: Tail | undefined, { n, hash, seq }: Tail): boolean =>
  known?.seq === seq && (known.n !== n || known.hash !== hash);
