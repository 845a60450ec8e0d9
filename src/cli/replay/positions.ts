import { InvalidArgumentError } from 'commander';
import { formatPosition } from '../../events/position.ts';

/** Where a replay resumes: after the commit at `seq` of a partition, or after event `n` of that commit. */
export type ReplayPosition = { readonly seq: number; readonly n?: number };

/** A position in each given partition; others start at the beginning. */
export type ReplayPositions = ReadonlyMap<number, ReplayPosition>;

const form = /^(\d{1,3}):(\d{1,15})(?:\/(\d{1,15}))?$/;

/** Adds the positions of one `--after` option; throws an error for the user. */
export const positionsIn = (text: string, before: ReplayPositions = new Map()): ReplayPositions => {
  const places = new Map(before);
  for (const position of text.split(',')) {
    const [, partition, seq, n] = form.exec(position.trim()) ?? [];
    if (partition === undefined) {
      throw new InvalidArgumentError(
        'must be <partition>:<seq>, such as 0:123, or with the number of an event, such as 0:123/7.',
      );
    }
    if (places.has(Number(partition))) {
      throw new InvalidArgumentError(`contains partition ${partition} twice.`);
    }
    const place = { seq: Number(seq), ...(n !== undefined && { n: Number(n) }) };
    places.set(Number(partition), place);
  }
  return places;
};

/** Formats positions for `--after`; empty if all are at the beginning. */
export const written = (places: readonly ReplayPosition[]): string =>
  places
    .flatMap(({ seq, n }, partition) => {
      if (seq === 0) return [];
      return `${formatPosition({ partition, seq })}${n === undefined ? '' : `/${n}`}`;
    })
    .join(',');

/** A position for each partition of a log; throws if it has no such partition, or ends before. */
export const positionsFor = (
  heads: readonly number[],
  given: ReplayPositions,
): ReplayPosition[] => {
  for (const [partition, { seq }] of given) {
    const head = heads[partition];
    if (head === undefined) {
      throw new Error(
        `--after contains partition ${partition}, but the log has ${heads.length} partitions, numbered from 0`,
      );
    }
    if (seq > head) {
      throw new Error(
        `--after ${partition}:${seq} is beyond the end of the log, which is ${partition}:${head}; is it a position of this log?`,
      );
    }
  }
  return heads.map((_, partition) => given.get(partition) ?? { seq: 0 });
};
