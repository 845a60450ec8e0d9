import { type Aggregate, type AggregateKind, partitionOf } from '../../../events/aggregate.ts';

/** The number of partitions of a new log, unless something else is wanted. */
export const partitionsDefault = 32;

/** The JetStream streams and subjects of one log. */
export type Family = {
  /** The prefix of the names of its streams. */
  readonly streams: string;
  /** The first tokens of the subjects of its commits. */
  readonly subjects: string;
  /** The first tokens of the subjects on which stored commits are republished. */
  readonly live: string;
  /**
   * The only kind of aggregate that it holds. Such a log has one partition, and neither its number nor the kind is a
   * token of its subjects.
   */
  readonly only?: AggregateKind;
};

/** The event log: `OSHI_EV_<p>`, `oshi.ev.<p>.<aggregate>`. */
export const eventFamily: Family = { streams: 'OSHI_EV', subjects: 'oshi.ev', live: 'oshi.live' };

/** The log of connections: `OSHI_CX`, `oshi.cx.<user>`. */
export const connectionFamily: Family = {
  streams: 'OSHI_CX',
  subjects: 'oshi.cx',
  live: 'oshi.cxlive',
  only: 'connection',
};

/** The names of one partition of a log in NATS. */
export type PartitionNames = {
  readonly stream: string;
  /** Ends in a dot: an aggregate's subject is this and its name, without the kind if there is only one. */
  readonly subjects: string;
  readonly live: string;
};

/** The names of a log's partitions and aggregates on the server. */
export type Names = {
  readonly partitions: readonly PartitionNames[];
  partitionOf(aggregate: Aggregate): number;
  subjectOf(aggregate: Aggregate): string;
  /** The aggregate of the subject of a stored or republished message. */
  aggregateOf(subject: string, start: string): Aggregate;
};

/** A prefix keeps logs on one server apart: `<prefix>_OSHI_EV_0`, `<prefix>.oshi.ev.0.…`. */
export const namesOf = (family: Family, partitions: number, prefix?: string): Names => {
  const root = prefix === undefined ? '' : `${prefix}.`;
  const kind = family.only === undefined ? '' : `${family.only}.`;
  const list = Array.from({ length: partitions }, (_, partition): PartitionNames => {
    const token = family.only === undefined ? `${partition}.` : '';
    return {
      stream: streamName(family, partition, prefix),
      subjects: `${root}${family.subjects}.${token}`,
      live: `${root}${family.live}.${token}`,
    };
  });
  const partition = (aggregate: Aggregate): number => partitionOf(aggregate, partitions);
  return {
    partitions: list,
    partitionOf: partition,
    subjectOf: (aggregate) => {
      if (!aggregate.startsWith(kind) || !isSubject(aggregate)) {
        throw new Error(`${aggregate} is not valid in ${family.streams}`);
      }
      return `${list[partition(aggregate)]?.subjects}${aggregate.slice(kind.length)}`;
    },
    aggregateOf: (subject, start) => `${kind}${subject.slice(start.length)}` as Aggregate,
  };
};

/** The item of a partition; throws if there is no such partition. */
export const at = <Item>(items: readonly Item[], partition: number): Item => {
  const item = items[partition];
  if (!item) throw new RangeError(`no partition ${partition}`);
  return item;
};

/** The name of one of a log's streams. */
export const streamName = (family: Family, partition: number, prefix?: string): string => {
  const name = prefix === undefined ? family.streams : `${prefix}_${family.streams}`;
  return family.only === undefined ? `${name}_${partition}` : name;
};

/** Tokens that are empty or contain a wildcard or a space would make another subject, or an invalid one. */
const isSubject = (text: string): boolean => /^[^\s*>.]+(\.[^\s*>.]+)*$/.test(text);
