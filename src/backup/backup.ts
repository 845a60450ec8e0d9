import type { Storage } from '../engine/storage.ts';
import { hashOf } from '../events/codec.ts';
import type { RawCommit, RawLog } from '../events/raw-log.ts';
import { logInVault } from '../events/vault-binding.ts';
import { consistentCut, timeOf } from './cut.ts';
import { sizeOf, writeBackupFile } from './files.ts';
import { type BackupFolder, openBackupFolder } from './folder.ts';
import { backupFormat, type Manifest, type SegmentFile, writeManifest } from './manifest.ts';
import { encodeSegment } from './segment.ts';
import { readState, type StateContent } from './state-file.ts';
import { type Encryption, encrypterOf, encryptSecrets, type Secrets } from './vault-file.ts';

export type BackupOptions = {
  readonly storage: Storage;
  readonly folder: string;
  readonly encryption: Encryption;
  /** The version of Oshi. */
  readonly version: string;
  readonly now: () => number;
  /** Called with the positions of the log that were written, and all that are to be. */
  readonly onProgress: (done: number, total: number) => void;
};

/** What a run has added to a backup. */
export type BackedUp = {
  readonly incarnation: string;
  readonly positions: readonly number[];
  /** The time of the previous run, in ms since 1970; undefined for the first. */
  readonly since: number | undefined;
  readonly commits: number;
  /** Bytes of new files. */
  readonly bytes: number;
};

/** The size at which a segment is closed, and below which the last one is written again with what follows. */
const segmentBytes = 16 * 1024 * 1024;
const smallBytes = segmentBytes / 2;

/**
 * Adds the log up to now to the backup in a folder, with the vault and the state as of then; a server may be running.
 * The manifest is replaced as the last step: after an interruption the folder holds the previous backup, or none.
 */
export const backUp = async (options: BackupOptions): Promise<BackedUp> => {
  const encrypter = encrypterOf(options.encryption);
  const folder = await openBackupFolder(options.folder);
  try {
    await folder.tidy(folder.manifest);
    const log = await options.storage.readRawLog();
    try {
      await requireSameLog(folder, log);
      const point = await pointInTime(options, log);
      requireComplete(folder, point);
      const { manifest, secrets, state } = point;
      const vault = await encryptSecrets(secrets, encrypter);
      return await write(folder, { ...options, log, manifest, vault, state });
    } finally {
      await log.close();
    }
  } finally {
    await folder.release();
  }
};

/** Rejects with one line if the folder holds a backup of another log, or of more than the log has. */
const requireSameLog = async ({ path, manifest }: BackupFolder, log: RawLog): Promise<void> => {
  if (!manifest) return;
  const { incarnation, partitions } = log.info;
  if (manifest.incarnation !== incarnation) {
    throw new Error(
      `${path} holds a backup of another log (${manifest.incarnation}) than this one (${incarnation}); name another folder`,
    );
  }
  for (let partition = 0; partition < partitions; partition++) {
    const last = manifest.segments.findLast((segment) => segment.partition === partition);
    if (!last) continue;
    const commit = await log.firstFrom(partition, last.upTo);
    if (commit?.seq === last.upTo && hashOf(commit.bytes) === last.lastHash) continue;
    throw new Error(
      `the log does not continue the backup in ${path}: position ${partition}:${last.upTo} is another one now; see oshi verify, and name another folder`,
    );
  }
};

const secretsOf = async (storage: Storage): Promise<Map<string, string>> => {
  const vault = await storage.readVault();
  try {
    return new Map(vault ? await vault.entries() : []);
  } finally {
    await vault?.close();
  }
};

/**
 * The facts of one point in time. State is read before it: no marker is past the log. Secrets are read on both sides:
 * one that the log names at that point may be destroyed soon after it.
 */
const pointInTime = async ({ storage, now, version }: BackupOptions, log: RawLog) => {
  const at = now();
  const { incarnation, partitions } = log.info;
  const before = await secretsOf(storage);
  const models = await storage.readModels();
  const state = await readState(models, incarnation).finally(() => models?.close());
  const checkpoint = (await storage.newestCheckpoint(incarnation)) ?? null;
  const positions = await consistentCut(log);
  const secrets: Secrets = new Map([...before, ...(await secretsOf(storage))]);
  const { isDense } = log;
  const facts = { format: backupFormat, oshi: version, incarnation, partitions, isDense, at };
  return { manifest: { ...facts, positions, checkpoint }, secrets, state };
};

/**
 * Rejects with one line if the vault is missing or that of another log, or if the state was lost: the previous backup,
 * which has them, must not be replaced by one without.
 */
const requireComplete = (
  { path, manifest: earlier }: BackupFolder,
  { manifest, secrets, state }: Awaited<ReturnType<typeof pointInTime>>,
): void => {
  const bound = secrets.get(logInVault);
  const isEmpty = manifest.positions.every((position) => position === 0);
  if (!isEmpty && secrets.size === 0) {
    throw new Error('there is no vault beside the log: restore it first; nothing was backed up');
  }
  if (bound !== undefined && bound !== manifest.incarnation) {
    throw new Error(`the vault belongs to another log (${bound}); nothing was backed up`);
  }
  if (state.rows === 0 && (earlier?.state.rows ?? 0) > 0) {
    throw new Error(
      `there is no state beside the log, such as read markers, but the backup in ${path} has it: restore it, or name another folder`,
    );
  }
};

type Writing = BackupOptions & {
  readonly log: RawLog;
  readonly manifest: Omit<Manifest, 'segments' | 'state' | 'vault'>;
  readonly vault: Uint8Array;
  readonly state: StateContent;
};

const write = async (folder: BackupFolder, writing: Writing): Promise<BackedUp> => {
  const { manifest } = writing;
  const kept: SegmentFile[] = [];
  const added: SegmentFile[] = [];
  let bytes = 0;
  const plans = await plansOf(folder, manifest.positions);
  const total = plans.reduce((sum, { after, upTo }) => sum + upTo - after, 0);
  let done = 0;
  for (const { partition, segments, after, upTo } of plans) {
    kept.push(...segments);
    let from = after;
    for await (const commits of portions(writing.log, partition, { after, upTo })) {
      const content = await encodeSegment(commits);
      const portion = { partition, after: from, commits, content };
      const segment = await writeSegment(folder.path, portion);
      added.push(segment);
      from = segment.upTo;
      bytes += content.length;
      done += commits.length;
      writing.onProgress(done, total);
    }
  }
  const { at, incarnation, positions } = manifest;
  const state = await writeBackupFile(folder.path, `state-${at}.ndjson.gz`, writing.state.content);
  const vault = await writeBackupFile(folder.path, `vault-${at}.age`, writing.vault);
  const segments = [...kept, ...added].sort(
    (one, other) => one.partition - other.partition || one.after - other.after,
  );
  const { rows } = writing.state;
  const complete = { ...manifest, segments, state: { ...state, rows }, vault };
  await writeManifest(folder.path, complete);
  await folder.tidy(complete);
  const newer = (folder.manifest?.positions ?? []).reduce((sum, position) => sum + position, 0);
  const commits = positions.reduce((sum, position) => sum + position, 0) - newer;
  bytes += writing.state.content.length + writing.vault.length;
  return { incarnation, positions, since: folder.manifest?.at, commits, bytes };
};

type Plan = {
  readonly partition: number;
  /** The segments that stay as they are. */
  readonly segments: readonly SegmentFile[];
  readonly after: number;
  readonly upTo: number;
};

/** What to write of each partition: all after the last large segment that is still there. */
const plansOf = async (
  { path, manifest }: BackupFolder,
  positions: readonly number[],
): Promise<Plan[]> => {
  const plans: Plan[] = [];
  for (const [partition, upTo] of positions.entries()) {
    const all = manifest?.segments.filter((segment) => segment.partition === partition) ?? [];
    const there: SegmentFile[] = [];
    for (const segment of all) {
      if ((await sizeOf(path, segment)) !== segment.size) break;
      there.push(segment);
    }
    const last = there.at(-1);
    if (last && last.bytes < smallBytes && upTo > last.upTo) there.pop();
    plans.push({ partition, segments: there, after: there.at(-1)?.upTo ?? 0, upTo });
  }
  return plans;
};

/** The commits of a range in portions of the size of a segment. */
async function* portions(
  log: RawLog,
  partition: number,
  range: { readonly after: number; readonly upTo: number },
): AsyncGenerator<readonly RawCommit[]> {
  if (range.after >= range.upTo) return;
  let commits: RawCommit[] = [];
  let bytes = 0;
  let last = range.after;
  for await (const batch of log.scan(partition, range)) {
    for (const commit of batch) {
      if (log.isDense && commit.seq !== last + 1) throw missing(partition, last + 1);
      last = commit.seq;
      // The log may reuse its memory.
      commits.push({ ...commit, bytes: Buffer.from(commit.bytes) });
      bytes += commit.bytes.length;
      if (bytes < segmentBytes) continue;
      yield commits;
      commits = [];
      bytes = 0;
    }
  }
  if (last !== range.upTo) throw missing(partition, last + 1);
  if (commits.length > 0) yield commits;
}

const missing = (partition: number, seq: number): Error =>
  new Error(`the log has no commit at position ${partition}:${seq} any more; see oshi verify`);

type Portion = {
  readonly partition: number;
  readonly after: number;
  readonly commits: readonly RawCommit[];
  readonly content: Buffer;
};

const writeSegment = async (
  folder: string,
  { partition, after, commits, content }: Portion,
): Promise<SegmentFile> => {
  const last = commits.at(-1);
  if (!last) throw new RangeError('a segment has commits');
  const file = `log-${partition}-${after + 1}-${last.seq}.gz`;
  return {
    ...(await writeBackupFile(folder, file, content)),
    partition,
    after,
    upTo: last.seq,
    commits: commits.length,
    size: content.length,
    bytes: commits.reduce((sum, { bytes }) => sum + bytes.length, 0),
    newestAt: commits.reduce((newest, commit) => Math.max(newest, timeOf(commit, partition)), 0),
    lastHash: hashOf(last.bytes),
  };
};
