import { resolve } from 'node:path';
import { isSelected, type PositionRange, type RawCommit, type RawLog } from '../events/raw-log.ts';
import { timeOf } from './cut.ts';
import { BackupDamaged } from './damage.ts';
import { readBackupFile } from './files.ts';
import { type Manifest, readManifest, type SegmentFile } from './manifest.ts';
import { decodeSegment } from './segment.ts';

/** A complete backup, opened for reading. */
export type OpenBackup = { readonly folder: string; readonly manifest: Manifest };

/** Opens the backup in a folder. Rejects with one line if there is no complete one. */
export const openBackup = async (path: string): Promise<OpenBackup> => {
  const folder = resolve(path);
  const manifest = await readManifest(folder);
  if (manifest) return { folder, manifest };
  throw new BackupDamaged(
    `there is no complete backup in ${folder}: name the folder in which oshi backup has ended without an error`,
  );
};

const segmentsOf = ({ segments }: Manifest, partition: number): readonly SegmentFile[] =>
  segments.filter((segment) => segment.partition === partition);

async function* read(
  { folder, manifest }: OpenBackup,
  partition: number,
  { after, upTo }: PositionRange,
): AsyncGenerator<readonly RawCommit[]> {
  for (const segment of segmentsOf(manifest, partition)) {
    if (segment.upTo <= after || segment.after >= upTo) continue;
    const commits = await decodeSegment(await readBackupFile(folder, segment), segment.file);
    if (commits.length !== segment.commits) {
      throw new BackupDamaged(`${segment.file} is damaged: it does not hold all its commits`);
    }
    const wanted = commits.filter(({ seq }) => seq > after && seq <= upTo);
    if (wanted.length > 0) yield wanted;
  }
}

/**
 * The positions up to which a backup is earlier than a time, in ms since 1970: in each partition all commits before the
 * first one that is later.
 */
export const positionsUntil = async (backup: OpenBackup, time: number): Promise<number[]> => {
  const { positions } = backup.manifest;
  return Promise.all(
    positions.map((upTo, partition) => lastUntil(backup, partition, { upTo, time })),
  );
};

const lastUntil = async (
  backup: OpenBackup,
  partition: number,
  { upTo, time }: { readonly upTo: number; readonly time: number },
): Promise<number> => {
  const later = segmentsOf(backup.manifest, partition).find(({ newestAt }) => newestAt > time);
  if (!later) return upTo;
  let last = later.after;
  for await (const commits of read(backup, partition, later)) {
    for (const commit of commits) {
      if (timeOf(commit, partition) > time) return last;
      last = commit.seq;
    }
  }
  return last;
};

/** The log in a backup, up to these positions of its partitions. */
export const backupLog = (backup: OpenBackup, positions: readonly number[]): RawLog => {
  const { incarnation, partitions } = backup.manifest;
  return {
    info: { incarnation, partitions },
    isDense: backup.manifest.isDense,
    head: async (partition) => positions[partition] ?? 0,
    scan: (partition, range) => read(backup, partition, range),
    async *select(partition, range, selection) {
      for await (const batch of read(backup, partition, range)) {
        yield batch.filter(({ aggregate }) => isSelected(aggregate, selection));
      }
    },
    async firstFrom(partition, from) {
      const range = { after: from - 1, upTo: positions[partition] ?? 0 };
      for await (const [first] of read(backup, partition, range)) return first;
      return undefined;
    },
    finds: () => true,
    async *orphans() {},
    close: async () => {},
  };
};
