import { decode, hashOf } from '../../../events/codec.ts';
import type { Recorded } from '../../../events/log.ts';
import { ApiRefusal, apiCodes, askApi } from './api.ts';
import type { Names, PartitionNames } from './family.ts';
import type { Link } from './link.ts';

export type Stored = { readonly seq: number; readonly subject: string; readonly data: Uint8Array };

/** The commit of a message. `start`: the part of the subject before the aggregate. */
export const recordedOf = (
  names: Names,
  start: string,
  { seq, subject, data }: Stored,
): Recorded => ({
  aggregate: names.aggregateOf(subject, start),
  commit: decode(data),
  seq,
  hash: hashOf(data),
  size: data.length,
});

/** The message at a position, the last on a subject, or the first on a subject at or after a position. */
export type Wanted =
  | { readonly seq: number }
  | { readonly last_by_subj: string }
  | { readonly next_by_subj: string; readonly seq: number };

/** One message, from the stream's leader: nothing that was acknowledged is missed. */
export const storedMessage = async (
  link: Link,
  { stream }: PartitionNames,
  wanted: Wanted,
): Promise<Stored | undefined> => {
  try {
    const { message } = await askApi<{ message: { seq: number; subject: string; data?: string } }>(
      link,
      { path: `STREAM.MSG.GET.${stream}`, body: wanted },
    );
    const { seq, subject, data = '' } = message;
    return { seq, subject, data: Buffer.from(data, 'base64') };
  } catch (error) {
    if (error instanceof ApiRefusal && error.code === apiCodes.messageNotFound) return undefined;
    throw error;
  }
};

/** The sequence number of the last message of a partition, from its leader; 0 if there never was one. */
export const headOf = async (link: Link, { stream }: PartitionNames): Promise<number> => {
  const { state } = await askApi<{ state: { last_seq: number } }>(link, {
    path: `STREAM.INFO.${stream}`,
  });
  return state.last_seq;
};
