import type { Recorded } from '../../../events/log.ts';
import { directMessage } from './direct.ts';
import type { Names, PartitionNames } from './family.ts';
import type { Link } from './link.ts';
import { recordedOf, storedMessage } from './stored.ts';

export type PartitionReader = {
  readonly link: Link;
  readonly names: Names;
  readonly partition: PartitionNames;
};

/** Concurrent requests, at most. */
const atOnce = 64;

/** The commits at positions of a partition, in that order; missing ones are left out. */
export const recordedAt = async (
  reader: PartitionReader,
  seqs: readonly number[],
): Promise<Recorded[]> => {
  const found: Recorded[] = [];
  for (let start = 0; start < seqs.length; start += atOnce) {
    const requests = seqs.slice(start, start + atOnce).map((seq) => commitAt(reader, seq));
    for (const recorded of await Promise.all(requests)) if (recorded) found.push(recorded);
  }
  return found;
};

const commitAt = async (
  { link, names, partition }: PartitionReader,
  seq: number,
): Promise<Recorded | undefined> => {
  if (seq < 1) return undefined;
  const stored =
    (await directMessage(link, { stream: partition.stream, seq })) ??
    (await storedMessage(link, partition, { seq }));
  return stored && recordedOf(names, partition.subjects, stored);
};
