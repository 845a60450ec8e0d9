import { Command } from 'commander';
import { configOf, environment } from '../config.ts';
import { storageOf } from '../engine/engine.ts';
import type { Storage } from '../engine/storage.ts';
import { wallClock } from '../runtime/clock.ts';
import { type SigningKey, signingKeyIn } from '../verification/signing-key.ts';
import { progressBar } from './terminal/progress-bar.ts';

const run = async ({ out }: { readonly out?: string }): Promise<void> => {
  const { currentCheckpoint } = await import('../verification/current-checkpoint.ts');
  const { appendLine } = await import('../engine/embedded/checkpoint-file.ts');
  const storage = await storageOf(configOf(environment()));
  const key = await signingKey(storage);
  const log = await storage.readRawLog();
  let bar: ReturnType<typeof progressBar> | undefined;
  try {
    const checkpoint = await currentCheckpoint(log, {
      key,
      now: wallClock,
      onProgress: (done, total) => {
        bar ??= progressBar(total, 'places');
        bar.update(done);
      },
    });
    bar?.stop();
    const line = JSON.stringify(checkpoint);
    if (out === undefined) process.stdout.write(`${line}\n`);
    else await appendLine(out, line);
  } finally {
    bar?.stop();
    await log.close();
  }
};

/** The key by which the server signs, which it makes when it starts for the first time. */
const signingKey = async (storage: Storage): Promise<SigningKey> => {
  const vault = await storage.readVault();
  try {
    const key = vault && (await signingKeyIn(vault));
    if (key) return key;
    throw new Error(
      `there is no key ${storage.where} to sign with; start the server once, it makes one`,
    );
  } finally {
    await vault?.close();
  }
};

/** `oshi checkpoint`: signs what the log is now. */
export const checkpointCommand = (): Command =>
  new Command('checkpoint')
    .description('sign what the log is now, as one line of JSON')
    .option('--out <file>', 'append the line to this file instead of printing it')
    .addHelpText(
      'after',
      `
Reads the whole log, beside a server that runs or without one. Keep the line where who can change the log
cannot change it; oshi verify --against <file> compares the two. docs/verify.md says more.`,
    )
    .action(run);
