import type { Command } from 'commander';
import { version } from '../../app/version.ts';
import { wallClock } from '../../runtime/clock.ts';
import { jsonLine } from '../../text/json-line.ts';
import { configuredStorage } from '../storage.ts';
import { progressBar } from '../terminal/progress-bar.ts';
import { type EncryptionWords, encryptionOf } from './keys.ts';

type Words = EncryptionWords & { readonly json?: boolean };

const run = async (folder: string, words: Words): Promise<void> => {
  const { backUp } = await import('../../backup/backup.ts');
  const encryption = await encryptionOf(words);
  const bar = progressBar();
  const storage = await configuredStorage();
  const done = await backUp({
    storage,
    folder,
    encryption,
    version,
    now: wallClock,
    onProgress: (written, total) => bar.update(written, total, 'commits'),
  }).finally(() => bar.stop());
  if (words.json) {
    process.stdout.write(`${jsonLine({ folder, ...done })}\n`);
    return;
  }
  const since =
    done.since === undefined ? '' : ` since the backup of ${new Date(done.since).toISOString()}`;
  process.stdout.write(
    `backed up the log ${done.incarnation} to ${folder}: ${done.commits} commits${since}, ${(done.bytes / 1e6).toFixed(1)} MB written\n`,
  );
};

export const backupCommand = (command: Command): Command =>
  command
    .argument('<folder>', 'a new folder, or one with an earlier backup of the same log')
    .option('--passphrase-file <file>', 'encrypt the vault with the first line of this file')
    .option(
      '--recipient <age1…>',
      'encrypt the vault for this recipient of age; may be repeated',
      (text: string, before: readonly string[] = []) => [...before, text],
    )
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Works with or without a running server. The first run copies the whole log, and later ones add what is new.
Copy the folder to another machine; docs/backup.md says how to restore it.

Exit codes: 0 success; 1 failure, see the last line; 2 invalid command line.`,
    )
    .action(run);
