import { type Aggregate, type AggregateKind, partitionOf } from '../../../events/aggregate.ts';

/** Which JetStream streams and subjects belong to one log. */
export type Family = {
  /** What the names of its streams begin with. */
  readonly streams: string;
  /** The first tokens of the subjects of its commits. */
  readonly subjects: string;
  /** The first tokens of the subjects on which stored commits are sent again. */
  readonly live: string;
  /**
   * The one kind of aggregate that it holds. Such a log has one partition, and neither its number nor the kind
   * is a token of its subjects.
   */
  readonly only?: AggregateKind;
};

/** The log of all that happened: `OSHI_EV_<p>`, `oshi.ev.<p>.<aggregate>`. */
export const eventFamily: Family = { streams: 'OSHI_EV', subjects: 'oshi.ev', live: 'oshi.live' };

/** The log of what connections did: `OSHI_CX`, `oshi.cx.<user>`. */
export const connectionFamily: Family = {
  streams: 'OSHI_CX',
  subjects: 'oshi.cx',
  live: 'oshi.cxlive',
  only: 'connection',
};

/** One partition of a log, as NATS knows it. */
export type PartitionNames = {
  readonly stream: string;
  /** Ends in a dot: an aggregate's subject is this and its name, without the kind where there is only one. */
  readonly subjects: string;
  readonly live: string;
};

/** How a log's partitions and aggregates are called on the server. */
export type Names = {
  readonly partitions: readonly PartitionNames[];
  partitionOf(aggregate: Aggregate): number;
  subjectOf(aggregate: Aggregate): string;
  /** The aggregate of a stored or a live subject. */
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
        throw new Error(`${aggregate} cannot stand in ${family.streams}`);
      }
      return `${list[partition(aggregate)]?.subjects}${aggregate.slice(kind.length)}`;
    },
    aggregateOf: (subject, start) => `${kind}${subject.slice(start.length)}` as Aggregate,
  };
};

/** The name of one of a log's streams. */
export const streamName = (family: Family, partition: number, prefix?: string): string => {
  const name = prefix === undefined ? family.streams : `${prefix}_${family.streams}`;
  return family.only === undefined ? `${name}_${partition}` : name;
};

/** Tokens that are empty or hold a wildcard or a space would name other subjects, or none. */
const isSubject = (text: string): boolean => /^[^\s*>.]+(\.[^\s*>.]+)*$/.test(text);
