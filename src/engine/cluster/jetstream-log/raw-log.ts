import type { NatsConnection } from '@nats-io/transport-node';
import { circleAggregate } from '../../../events/aggregate.ts';
import type { CircleId } from '../../../events/ids.ts';
import {
  isSelected,
  type PositionRange,
  type RawCommit,
  type RawLog,
  type Selection,
} from '../../../events/raw-log.ts';
import { defined } from '../../../runtime/defined.ts';
import { at, eventFamily, type Names, namesOf } from './family.ts';
import { Link } from './link.ts';
import type { PartitionReader } from './positions.ts';
import { pull } from './pull.ts';
import { headOf, type Stored, storedMessage } from './stored.ts';
import { type LogPlace, openStreams } from './streams.ts';

const windowBytes = 4 * 1024 * 1024;

/**
 * The raw event log on NATS. The connection belongs to the caller. Rejects with one line that says what to do if
 * there is no log, or a part of it is missing.
 */
export const openJetstreamRawLog = async (
  nc: NatsConnection,
  { prefix, isUnfinished }: Pick<LogPlace, 'prefix' | 'isUnfinished'> = {},
): Promise<RawLog> => {
  const link = new Link(nc);
  const place = { family: eventFamily, readOnly: true, ...defined({ prefix, isUnfinished }) };
  const info = await openStreams(link, place);
  const names = namesOf(eventFamily, info.partitions, prefix);
  const readerFor = (index: number) => ({ link, names, partition: at(names.partitions, index) });
  return {
    info,
    isDense: true,
    head: (partition) => headOf(link, readerFor(partition).partition),
    scan: (partition, range) => read(readerFor(partition), range),
    async *select(partition, range, selection) {
      if (!mayHold(names, partition, selection)) return;
      for await (const batch of read(readerFor(partition), range, selection)) {
        const found = batch.filter(({ aggregate }) => isSelected(aggregate, selection));
        if (found.length > 0) yield found;
      }
    },
    async firstFrom(partition, place) {
      const own = at(names.partitions, partition);
      const wanted = { next_by_subj: `${own.subjects}>`, seq: place };
      const stored = await storedMessage(link, own, wanted);
      return stored && rawOf(names, own.subjects, stored);
    },
    // The server has no index beside the messages themselves.
    finds: () => true,
    async *orphans() {},
    close: async () => link.close(),
  };
};

const rawOf = (names: Names, start: string, { seq, subject, data }: Stored): RawCommit => ({
  aggregate: names.aggregateOf(subject, start),
  seq,
  bytes: data,
});

/** The commits of a range; with a selection only those of its subjects, from a server that supports it. */
async function* read(
  { link, names, partition }: PartitionReader,
  { after, upTo }: PositionRange,
  selection?: Selection,
): AsyncGenerator<readonly RawCommit[]> {
  if (after >= upTo) return;
  const { stream, subjects: start } = partition;
  const subjects = selection ? subjectsOf(start, selection) : [];
  for await (const window of pull(link, { stream, after, until: upTo, subjects, windowBytes })) {
    const commits: RawCommit[] = [];
    for (const stored of window) {
      if (stored.seq > upTo) break;
      commits.push(rawOf(names, start, stored));
    }
    if (commits.length > 0) yield commits;
  }
}

/** A circle is in one partition; a stream of an unknown circle may be in any. */
const mayHold = (names: Names, partition: number, { circle }: Selection): boolean =>
  circle === undefined || names.partitionOf(circleAggregate(circle as CircleId)) === partition;

const subjectsOf = (start: string, { circle, stream }: Selection): readonly string[] =>
  stream === undefined
    ? [`${start}circle.${circle}`, `${start}stream.${circle}.>`]
    : [`${start}stream.${circle ?? '*'}.${stream}`];
