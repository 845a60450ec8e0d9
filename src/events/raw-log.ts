import type { Aggregate } from './aggregate.ts';
import type { LogInfo } from './log.ts';

/** A part of the log is missing, or belongs to another log: not a transient failure. */
export class LogDamaged extends Error {
  override readonly name = 'LogDamaged';
}

/** A commit as it is in the log, its bytes not decoded. */
export type RawCommit = {
  /** The aggregate that the log stores it under; any text if the log was tampered with. */
  readonly aggregate: Aggregate;
  readonly seq: number;
  readonly bytes: Uint8Array;
};

/** A range of a partition: the positions `after < seq <= upTo`. */
export type PositionRange = { readonly after: number; readonly upTo: number };

/** A selection: a circle and its streams, or one stream, whose circle need not be known. */
export type Selection =
  | { readonly circle: string; readonly stream?: never }
  | { readonly stream: string; readonly circle?: string };

export const isSelected = (aggregate: Aggregate, { circle, stream }: Selection): boolean => {
  if (stream === undefined) {
    return aggregate === `circle.${circle}` || aggregate.startsWith(`stream.${circle}.`);
  }
  if (circle !== undefined) return aggregate === `stream.${circle}.${stream}`;
  return aggregate.startsWith('stream.') && aggregate.endsWith(`.${stream}`);
};

/** What the log's own index names although it is missing. */
export type Orphan = { readonly aggregate: Aggregate; readonly n: number; readonly seq: number };

/**
 * The log as it is stored, for checking its integrity. Where `EventLog` rejects what is damaged, this returns it. It
 * reads beside a running server, and changes nothing.
 */
export interface RawLog {
  readonly info: LogInfo;
  /** Whether sequence numbers are dense, so that a missing one means a lost commit. */
  readonly isDense: boolean;
  /** The sequence number of the last commit of a partition, also if that is missing; 0 if there never was one. */
  head(partition: number): Promise<number>;
  /** All commits of a range in order, in batches; yields to other work between them. */
  scan(partition: number, range: PositionRange): AsyncIterable<readonly RawCommit[]>;
  /**
   * The selected commits of a range, in order, in batches. If the log can find them by an index and they are few, the
   * cost is theirs and not that of the range.
   */
  select(
    partition: number,
    range: PositionRange,
    selection: Selection,
  ): AsyncIterable<readonly RawCommit[]>;
  /** The first commit at or after a position of a partition; undefined if there is none. */
  firstFrom(partition: number, place: number): Promise<RawCommit | undefined>;
  /** Whether the log's index leads to this commit by its aggregate and the number of its first event. */
  finds(commit: RawCommit, n: number): boolean;
  /** What the index names up to these positions of the partitions and is missing. */
  orphans(upTo: readonly number[]): AsyncIterable<Orphan>;
  close(): Promise<void>;
}
