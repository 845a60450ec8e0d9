import type { Command } from 'commander';

export const statsCommand = (command: Command): Command =>
  command
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Works with or without a running server. A user is active if a session that is still open was used in that time, which is
recorded to the minute. Messages are those that were posted, deleted ones too.

Exit codes: 0 success; 1 failure, see the last line; 2 invalid command line.`,
    )
    .action(async (options) => (await import('./counting.ts')).stats(options));
