import { Command } from 'commander';
import { configOf, environment } from '../config.ts';
import { openRawLog, signingKey } from '../engine/kept-data.ts';
import { progressBar } from './progress-bar.ts';

const run = async ({ out }: { readonly out?: string }): Promise<void> => {
  const { presentCheckpoint } = await import('../verification/present.ts');
  const { appendLine } = await import('../verification/shelf.ts');
  const config = configOf(environment());
  const key = await signingKey(config);
  const { it: log, close } = await openRawLog(config);
  let bar: ReturnType<typeof progressBar> | undefined;
  try {
    const checkpoint = await presentCheckpoint(log, {
      key,
      now: Date.now,
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
    await close();
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
