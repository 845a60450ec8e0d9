import type { Aggregate } from './aggregate.ts';
import type { LogInfo } from './log.ts';

/** A part of the log is not there any more, or is another's: no failure of the moment. */
export class LogDamaged extends Error {
  override readonly name = 'LogDamaged';
}

/** A commit as it stands in the log, its bytes unread. */
export type RawCommit = {
  /** What the log files it under; any text at all if the log was tampered with. */
  readonly aggregate: Aggregate;
  readonly seq: number;
  readonly bytes: Uint8Array;
};

/** A stretch of a partition: the places `after < place <= upTo`. */
export type PositionRange = { readonly after: number; readonly upTo: number };

/** Some of a log: a circle and its streams, or one stream, whose circle need not be known. */
export type Selection =
  | { readonly circle: string; readonly stream?: never }
  | { readonly stream: string; readonly circle?: string };

/** Whether an aggregate is one of those that were selected. */
export const isSelected = (aggregate: Aggregate, { circle, stream }: Selection): boolean => {
  if (stream === undefined) {
    return aggregate === `circle.${circle}` || aggregate.startsWith(`stream.${circle}.`);
  }
  if (circle !== undefined) return aggregate === `stream.${circle}.${stream}`;
  return aggregate.startsWith('stream.') && aggregate.endsWith(`.${stream}`);
};

/** What the log's own index names although it is not there. */
export type Orphan = { readonly aggregate: Aggregate; readonly n: number; readonly seq: number };

/**
 * A log as it is kept, for who wants to know whether it is whole. Where `EventLog` refuses what is damaged, this
 * hands it over. It reads beside a server that writes, and changes nothing.
 */
export interface RawLog {
  readonly info: LogInfo;
  /** Whether places never skip, so that one where nothing is has lost its commit. */
  readonly isDense: boolean;
  /** The place of the last commit of a partition that there is or was; 0 if there never was one. */
  head(partition: number): Promise<number>;
  /** All commits of a stretch in order, in batches; lets others have their turn between them. */
  scan(partition: number, stretch: PositionRange): AsyncIterable<readonly RawCommit[]>;
  /**
   * The commits of a stretch that were selected, in order, in batches. Costs what they cost, not the whole stretch,
   * where the log can find them by an index and they are few.
   */
  select(
    partition: number,
    stretch: PositionRange,
    selection: Selection,
  ): AsyncIterable<readonly RawCommit[]>;
  /** The first commit at or after a place of a partition; undefined if there is none. */
  firstFrom(partition: number, place: number): Promise<RawCommit | undefined>;
  /** Whether the log would find this commit by its aggregate and the number of its first event. */
  finds(commit: RawCommit, n: number): boolean;
  /** What the index names up to these places of the partitions and is not there. */
  orphans(upTo: readonly number[]): AsyncIterable<Orphan>;
  close(): Promise<void>;
}
