import type { Command } from 'commander';
import { BackupDamaged } from '../../backup/damage.ts';
import type { RestoreStep } from '../../backup/restore.ts';
import { wallClock } from '../../runtime/clock.ts';
import { jsonLine } from '../../text/json-line.ts';
import { time } from '../parsing/arguments.ts';
import { configuredStorage } from '../storage.ts';
import { progressBar } from '../terminal/progress-bar.ts';
import { shown } from '../terminal/shown.ts';
import { type DecryptionWords, decryptionOf } from './keys.ts';

type Words = DecryptionWords & {
  readonly until?: number;
  readonly check?: boolean;
  readonly json?: boolean;
};

/** The exit code if the backup is damaged or incomplete. */
const damagedExitCode = 3;

const units: Readonly<Record<RestoreStep, string>> = {
  check: 'commits checked',
  write: 'commits written',
  verify: 'commits verified',
};

const run = async (folder: string, words: Words): Promise<void> => {
  const { checkBackup, restore } = await import('../../backup/restore.ts');
  const bar = progressBar();
  const options = {
    folder,
    decryption: await decryptionOf(words),
    until: words.until,
    onProgress: (step: RestoreStep, done: number, total: number) =>
      bar.update(done, total, units[step]),
  };
  const onWarning = (line: string): void => {
    process.stderr.write(`${shown(line)}\n`);
  };
  try {
    const storage = words.check ? undefined : await configuredStorage();
    const found = storage
      ? await restore({ ...options, storage, now: wallClock, onWarning })
      : await checkBackup(options);
    bar.stop();
    print(found, words, storage?.where);
  } catch (error) {
    bar.stop();
    if (!(error instanceof BackupDamaged)) throw error;
    process.stderr.write(`oshi: ${shown(error.message)}\n`);
    process.exitCode = damagedExitCode;
  }
};

type Found = {
  readonly incarnation?: string;
  readonly positions: readonly number[];
  readonly commits: number;
  readonly events: number;
  readonly heads: number;
  readonly checkpoint: { readonly at: number } | undefined;
};

const print = (found: Found, { json }: Words, where: string | undefined): void => {
  const { incarnation, positions, commits, events, heads, checkpoint } = found;
  if (json) {
    const report = { incarnation, positions, commits, events, aggregates: heads, checkpoint };
    process.stdout.write(`${jsonLine(report)}\n`);
    return;
  }
  const compared = checkpoint
    ? `the checkpoint of ${new Date(checkpoint.at).toISOString()} matches`
    : 'no checkpoint to compare with';
  const said = [
    `${events} events in ${commits} commits of ${heads} aggregates; all hash chains are intact; ${compared}`,
    where === undefined
      ? 'the backup can be restored'
      : `restored ${where} as the log ${incarnation}; start the server`,
  ];
  process.stdout.write(`${said.join('\n')}\n`);
};

export const restoreCommand = (command: Command): Command =>
  command
    .argument('<folder>', 'the folder of a backup')
    .option('--passphrase-file <file>', 'decrypt the vault with the first line of this file')
    .option('--identity <file>', 'decrypt the vault with the secret keys of age in this file')
    .option('--new-vault', 'restore without the vault: all passwords become invalid')
    .option('--until <time>', 'restore only what was before this time', time)
    .option('--check', 'check the backup, and change nothing')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Restores to OSHI_DATA_DIR, or to the servers of OSHI_NATS_URL and OSHI_MONGODB_URL, which must hold nothing yet;
from either engine to either. Clients start over by themselves. See docs/backup.md.

Exit codes: 0 success; 1 failure, see the last line; 2 invalid command line; 3 the backup is damaged or incomplete.`,
    )
    .action(run);
