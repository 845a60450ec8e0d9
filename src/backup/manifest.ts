import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Checkpoint, checkpointIn } from '../verification/checkpoint.ts';
import { BackupDamaged } from './damage.ts';
import { type BackupFile, writeDurably } from './files.ts';

/** The version of the format of a backup's files. */
export const backupFormat = 1;

/** A file with the commits of one partition in a range of positions. */
export type SegmentFile = BackupFile & {
  readonly partition: number;
  /** It holds the positions `after < seq <= upTo`. */
  readonly after: number;
  readonly upTo: number;
  readonly commits: number;
  /** The size of the file in bytes. */
  readonly size: number;
  /** The size of the commits before compression. */
  readonly bytes: number;
  /** The time of the newest event, in ms since 1970. */
  readonly newestAt: number;
  /** SHA-256 of the last commit, base64url: the log must have the same when the next run continues. */
  readonly lastHash: string;
};

/** What a complete backup consists of. Written as the last step of a run, in place of the previous one. */
export type Manifest = {
  readonly format: number;
  /** The version of Oshi that wrote it. */
  readonly oshi: string;
  /** The log, and the number of its partitions. */
  readonly incarnation: string;
  readonly partitions: number;
  /** Whether the log has a commit at every position. */
  readonly isDense: boolean;
  /** When the run began, in ms since 1970. */
  readonly at: number;
  /** The position of each partition up to which the log is contained. */
  readonly positions: readonly number[];
  /** The log's newest signed checkpoint; null if there was none. */
  readonly checkpoint: Checkpoint | null;
  readonly segments: readonly SegmentFile[];
  readonly state: BackupFile & { readonly rows: number };
  readonly vault: BackupFile;
};

/** The name of the manifest in the folder of a backup. */
export const manifestName = 'backup.json';

const sumOf = (manifest: object): string =>
  createHash('sha256').update(JSON.stringify(manifest)).digest('hex');

export const writeManifest = (folder: string, manifest: Manifest): Promise<void> => {
  const signed = { ...manifest, sum: sumOf(manifest) };
  return writeDurably(folder, manifestName, `${JSON.stringify(signed, null, 2)}\n`);
};

/** The manifest of a folder; undefined if no run was completed there. Throws `BackupDamaged`. */
export const readManifest = async (folder: string): Promise<Manifest | undefined> => {
  const path = join(folder, manifestName);
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  return text === undefined ? undefined : manifestIn(text, path);
};

const manifestIn = (text: string, path: string): Manifest => {
  let parsed: Manifest & { readonly sum?: string };
  try {
    parsed = Object(JSON.parse(text));
  } catch (cause) {
    throw new BackupDamaged(`${path} is damaged: it is not JSON`, { cause });
  }
  const { sum, ...manifest } = parsed;
  if (typeof manifest.format === 'number' && manifest.format > backupFormat) {
    throw new BackupDamaged(
      `${path} has format ${manifest.format}, written by Oshi ${manifest.oshi}; this version reads up to format ${backupFormat}: use the version that wrote it, or a newer one`,
    );
  }
  const isIntact = sum === sumOf(manifest) && isManifest(manifest);
  if (!isIntact) {
    throw new BackupDamaged(`${path} is damaged: its content does not match its checksum`);
  }
  return manifest;
};

/** Whether the segments of each partition follow each other up to its position. */
const isContinuous = (segments: readonly SegmentFile[], positions: readonly number[]): boolean => {
  const reached = positions.map(() => 0);
  for (const { partition, after, upTo } of segments) {
    if (reached[partition] !== after) return false;
    reached[partition] = upTo;
  }
  return reached.every((position, partition) => position === positions[partition]);
};

const isManifest = ({ format, partitions, positions, segments, checkpoint }: Manifest): boolean =>
  format === backupFormat &&
  positions.length === partitions &&
  Array.isArray(segments) &&
  isContinuous(segments, positions) &&
  (checkpoint === null || checkpointIn(JSON.stringify(checkpoint)) !== undefined);
