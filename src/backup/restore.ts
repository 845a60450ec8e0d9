import type { Restoration, Storage } from '../engine/storage.ts';
import type { RawLog } from '../events/raw-log.ts';
import { logInVault } from '../events/vault-binding.ts';
import type { Checkpoint } from '../verification/checkpoint.ts';
import { comparable, compareCheckpoint } from '../verification/checkpoint-comparison.ts';
import { currentCheckpoint } from '../verification/current-checkpoint.ts';
import { Findings } from '../verification/findings.ts';
import { rootOf } from '../verification/root.ts';
import { ensureSigningKey } from '../verification/signing-key.ts';
import { Walk } from '../verification/walk.ts';
import { backupLog, type OpenBackup, openBackup, positionsUntil } from './backup-log.ts';
import { BackupDamaged } from './damage.ts';
import { readBackupFile } from './files.ts';
import { KeptState } from './kept-state.ts';
import { type MergedCommit, merged } from './merged.ts';
import { parseState, type StateRow } from './state-file.ts';
import { type Decryption, decrypterOf, decryptSecrets, type Secrets } from './vault-file.ts';

/** The steps of a restore, which take place one after the other. */
export type RestoreStep = 'check' | 'write' | 'verify';

export type CheckOptions = {
  readonly folder: string;
  /** How the secrets are decrypted; undefined: they are neither checked nor restored. */
  readonly decryption: Decryption | undefined;
  /** Only what was before this time, in ms since 1970. */
  readonly until?: number | undefined;
  /** Called with the commits that were handled, and all of them. */
  readonly onProgress: (step: RestoreStep, done: number, total: number) => void;
};

/** A backup whose files, hash chains and checkpoint were found to be right. */
export type CheckedBackup = {
  readonly backup: OpenBackup;
  readonly log: RawLog;
  readonly positions: readonly number[];
  readonly commits: number;
  readonly events: number;
  /** The number of aggregates, and the root over their heads. */
  readonly heads: number;
  readonly root: string;
  /** The checkpoint that the log was compared with; undefined if there is none, or it is later than `until`. */
  readonly checkpoint: Checkpoint | undefined;
  readonly secrets: Secrets | undefined;
  readonly state: readonly StateRow[];
  readonly isEarlier: boolean;
};

export type RestoreOptions = CheckOptions & {
  readonly storage: Storage;
  readonly now: () => number;
  readonly onWarning: (line: string) => void;
};

/** What was restored. */
export type Restored = Omit<CheckedBackup, 'log' | 'secrets' | 'state' | 'backup'> & {
  /** The new incarnation of the log, which clients see as another epoch. */
  readonly incarnation: string;
};

const sum = (numbers: readonly number[]): number => numbers.reduce((all, each) => all + each, 0);

/** Checks all of a backup and changes nothing. Rejects with one line, a `BackupDamaged` if something in it is wrong. */
export const checkBackup = async (options: CheckOptions): Promise<CheckedBackup> => {
  const { folder, decryption, until, onProgress } = options;
  const decrypter = decryption && decrypterOf(decryption);
  const backup = await openBackup(folder);
  const { manifest } = backup;
  const vault = await readBackupFile(folder, manifest.vault);
  const secrets = decrypter && (await decryptSecrets(vault, decrypter, manifest.vault.file));
  const state = await parseState(await readBackupFile(folder, manifest.state));
  const positions = until === undefined ? manifest.positions : await positionsUntil(backup, until);
  if (until !== undefined && sum(positions) === 0 && sum(manifest.positions) > 0) {
    throw new Error(`the backup holds nothing before ${new Date(until).toISOString()}`);
  }
  const isEarlier = positions.some((position, at) => position < (manifest.positions[at] ?? 0));
  const log = backupLog(backup, positions);
  const findings = new Findings();
  const total = sum(positions);
  const walk = new Walk({ log, findings, onProgress: (done) => onProgress('check', done, total) });
  const [checkpoint] = [manifest.checkpoint].filter((each) => isCovered(each, positions));
  if (checkpoint) {
    const compared = comparable([checkpoint], { log, heads: positions, findings });
    for (const each of compared) await compareCheckpoint(walk, each, findings);
  }
  await walk.to(positions);
  const [first] = findings.kept;
  if (first) throw new BackupDamaged(`the log in ${backup.folder} has faults: ${first.message}`);
  const { commits, events, heads } = walk.check;
  const checked = { commits, events, heads: heads.size, root: await rootOf(heads) };
  const known = { backup, log, positions, isEarlier, secrets, state };
  return { ...known, ...checked, checkpoint: checkpoint ?? undefined };
};

const isCovered = (
  checkpoint: Checkpoint | null,
  positions: readonly number[],
): checkpoint is Checkpoint =>
  checkpoint?.positions.every((position, at) => position <= (positions[at] ?? 0)) ?? false;

/**
 * Restores a backup to a storage that holds nothing: the log with the same numbers, hashes and ids under a new
 * incarnation, the vault, and the state. Everything is checked before anything is written, and what was written is
 * read back and compared before it can be served. After an interruption the storage is refused until it is restored
 * again.
 */
export const restore = async (options: RestoreOptions): Promise<Restored> => {
  const { storage, now, onProgress, onWarning } = options;
  const checked = await checkBackup(options);
  const target = await storage.restore({ onWarning });
  try {
    await writeAll(target, checked, onProgress);
    const log = await target.readRawLog();
    try {
      const key = await ensureSigningKey(target.vault);
      const checkpoint = await currentCheckpoint(log, {
        ...{ key, now },
        onProgress: (done, total) => onProgress('verify', done, total),
      });
      if (checkpoint.root !== checked.root || checkpoint.heads !== checked.heads) {
        throw new Error('what was written is not what was in the backup; restore it again');
      }
      await target.checkpoints.save(checkpoint);
    } finally {
      await log.close();
    }
    await target.complete();
  } finally {
    await target.close();
  }
  const { log: _, secrets: __, state: ___, backup: ____, ...report } = checked;
  return { ...report, incarnation: target.info.incarnation };
};

/** The size of what is appended at once. */
const batchBytes = 2 * 1024 * 1024;

const writeAll = async (
  target: Restoration,
  { backup, log, positions, secrets, state, isEarlier, commits }: CheckedBackup,
  onProgress: RestoreOptions['onProgress'],
): Promise<void> => {
  const kept = new KeptState(state, { partitions: backup.manifest.partitions, isEarlier });
  let batch: MergedCommit[] = [];
  let bytes = 0;
  let done = 0;
  const append = async (): Promise<void> => {
    const seqs = await target.append(batch);
    for (const [at, commit] of batch.entries()) kept.take(commit, seqs[at] ?? 0);
    done += batch.length;
    onProgress('write', done, commits);
    batch = [];
    bytes = 0;
  };
  for await (const commit of merged(log, positions)) {
    batch.push(commit);
    bytes += commit.bytes.length;
    if (bytes >= batchBytes) await append();
  }
  await append();
  for (const [key, value] of secrets ?? []) {
    // The vault is bound to its new log by the first start.
    if (key !== logInVault) await target.vault.put(key, value);
  }
  await kept.save(target.store);
};
