import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A commit as some version of Oshi wrote it. */
export type GoldenCommit = {
  readonly aggregate: string;
  readonly hash: string;
  readonly bytes: Buffer;
};

/**
 * The commits of a file of test/golden, a line each: aggregate, hash, bytes. `v1` are those from before a kind of
 * event had a second version. The files are only ever added to.
 */
export const goldenCommits = (version: 'v1' | 'v2'): GoldenCommit[] =>
  readFileSync(join(import.meta.dirname, `../golden/commits.${version}.tsv`), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t'))
    .map(([aggregate = '', hash = '', bytes = '']) => ({
      aggregate,
      hash,
      bytes: Buffer.from(bytes),
    }));
