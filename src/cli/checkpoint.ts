import type { Command } from 'commander';
import type { Storage } from '../engine/storage.ts';
import { wallClock } from '../runtime/clock.ts';
import { type SigningKey, signingKeyIn } from '../verification/signing-key.ts';
import { configuredStorage } from './storage.ts';
import { progressBar } from './terminal/progress-bar.ts';

const run = async ({ out }: { readonly out?: string }): Promise<void> => {
  const { currentCheckpoint } = await import('../verification/current-checkpoint.ts');
  const { appendLine } = await import('../engine/embedded/checkpoint-file.ts');
  const storage = await configuredStorage();
  const key = await signingKey(storage);
  const log = await storage.readRawLog();
  const bar = progressBar();
  try {
    const checkpoint = await currentCheckpoint(log, {
      key,
      now: wallClock,
      onProgress: (done, total) => bar.update(done, total, 'positions'),
    });
    bar.stop();
    const line = JSON.stringify(checkpoint);
    if (out === undefined) process.stdout.write(`${line}\n`);
    else await appendLine(out, line);
  } finally {
    bar.stop();
    await log.close();
  }
};

/** The server's signing key, which it creates on the first start. */
const signingKey = async (storage: Storage): Promise<SigningKey> => {
  const vault = await storage.readVault();
  try {
    const key = vault && (await signingKeyIn(vault));
    if (key) return key;
    throw new Error(
      `there is no signing key ${storage.where}; start the server once, which creates it`,
    );
  } finally {
    await vault?.close();
  }
};

export const checkpointCommand = (command: Command): Command =>
  command
    .option('--out <file>', 'append the line to this file instead of printing it')
    .addHelpText(
      'after',
      `
Reads the whole log, with or without a running server. Keep the line where those who can change the log
cannot change it; oshi verify --against <file> compares the two. See docs/verify.md.`,
    )
    .action(run);
