import { InvalidArgumentError } from 'commander';
import { formatPosition } from '../../events/position.ts';

/**
 * Behind which line a replay goes on: behind the commit at place `seq` of a partition, or behind event `n` of that
 * commit, which may hold more.
 */
export type ReplayPosition = { readonly seq: number; readonly n?: number };

/** A place in each partition that was named; the others begin at their beginning. */
export type ReplayPositions = ReadonlyMap<number, ReplayPosition>;

const form = /^(\d{1,3}):(\d{1,15})(?:\/(\d{1,15}))?$/;

/** Adds the positions of one `--after` to those before it; throws what the person who typed it should read. */
export const positionsIn = (text: string, before: ReplayPositions = new Map()): ReplayPositions => {
  const places = new Map(before);
  for (const position of text.split(',')) {
    const [, partition, seq, n] = form.exec(position.trim()) ?? [];
    if (partition === undefined) {
      throw new InvalidArgumentError(
        'a position is <partition>:<seq>, as 0:123, or with the number of an event, as 0:123/7.',
      );
    }
    if (places.has(Number(partition))) {
      throw new InvalidArgumentError(`it names partition ${partition} twice.`);
    }
    const place = { seq: Number(seq), ...(n !== undefined && { n: Number(n) }) };
    places.set(Number(partition), place);
  }
  return places;
};

/** Places as `--after` takes them; empty if nothing lies behind any of them. */
export const written = (places: readonly ReplayPosition[]): string =>
  places
    .flatMap(({ seq, n }, partition) => {
      if (seq === 0) return [];
      return `${formatPosition({ partition, seq })}${n === undefined ? '' : `/${n}`}`;
    })
    .join(',');

/** A place for each partition of a log; throws if it has no such partition, or ends before. */
export const positionsFor = (
  heads: readonly number[],
  given: ReplayPositions,
): ReplayPosition[] => {
  for (const [partition, { seq }] of given) {
    const head = heads[partition];
    if (head === undefined) {
      throw new Error(
        `--after names partition ${partition}, and the log has ${heads.length}, numbered from 0`,
      );
    }
    if (seq > head) {
      throw new Error(
        `--after ${partition}:${seq} lies behind the end of the log, which is ${partition}:${head}; is it a position of this log?`,
      );
    }
  }
  return heads.map((_, partition) => given.get(partition) ?? { seq: 0 });
};
