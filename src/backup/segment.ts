import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { Aggregate } from '../events/aggregate.ts';
import type { RawCommit } from '../events/raw-log.ts';
import { BackupDamaged } from './damage.ts';

/** A printable name, as all aggregates have. */
const nameForm = /^[!-~]+$/;
const lineFeed = 0x0a;
const newline = Buffer.from('\n');

/**
 * The content of a segment, compressed with gzip: for each commit a line with its position, its aggregate and its
 * length in bytes, and then its bytes as the log has them, followed by a line feed.
 */
export const encodeSegment = (commits: readonly RawCommit[]): Promise<Buffer> =>
  promisify(gzip)(
    Buffer.concat(
      commits.flatMap(({ seq, aggregate, bytes }) => {
        if (!nameForm.test(aggregate))
          throw new RangeError('the name of an aggregate is not ASCII');
        return [Buffer.from(`${seq} ${aggregate} ${bytes.length}\n`), bytes, newline];
      }),
    ),
  );

/** The commits of a segment. Throws `BackupDamaged`, naming the file. */
export const decodeSegment = async (content: Buffer, file: string): Promise<RawCommit[]> => {
  const damaged = (cause?: unknown): BackupDamaged =>
    new BackupDamaged(`${file} is damaged: it is not a segment of a log`, { cause });
  const text = await promisify(gunzip)(content).catch((cause: unknown) => {
    throw damaged(cause);
  });
  const commits: RawCommit[] = [];
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf(lineFeed, at);
    const [, seq, aggregate, length] =
      /^(\d+) ([!-~]+) (\d+)$/.exec(text.toString('latin1', at, Math.max(at, end))) ?? [];
    const start = end + 1;
    at = start + Number(length) + 1;
    if (aggregate === undefined || text[at - 1] !== lineFeed) throw damaged();
    const bytes = text.subarray(start, at - 1);
    commits.push({ seq: Number(seq), aggregate: aggregate as Aggregate, bytes });
  }
  return commits;
};
