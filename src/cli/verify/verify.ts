import type { Command } from 'commander';

export const verifyCommand = (command: Command): Command =>
  command
    .option('--json', 'print one JSON object')
    .option('--no-models', 'skip the read models')
    .option('--against <file>', 'compare the log with checkpoints in a file')
    .option('--key <key>', 'the public key that must have signed the checkpoints')
    .addHelpText(
      'after',
      `
Without --against, the log is compared with the last checkpoint of the server itself.
Works with or without a running server, and changes nothing. See docs/verify.md for what it proves.

Exit codes: 0 no problems; 1 failure, see the last line; 2 invalid command line;
3 problems were found, which are printed.`,
    )
    .action(async (options) => (await import('./run.ts')).runVerify(options));
