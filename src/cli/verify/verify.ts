import { Command } from 'commander';

/** `oshi verify`: whether the log is whole, and the read models are what it makes of them. */
export const verifyCommand = (): Command =>
  new Command('verify')
    .description('check the log for changes, and the read models against it')
    .option('--json', 'print one JSON object')
    .option('--no-models', 'leave the read models out')
    .option('--against <file>', 'compare the log with checkpoints that were kept elsewhere')
    .option('--key <key>', 'the public key by which the checkpoints must be signed')
    .addHelpText(
      'after',
      `
Without --against, the log is compared with the last checkpoint that the server has kept itself.
Reads beside a server that runs, or without one, and changes nothing; docs/verify.md says what it proves.

Exit codes: 0 nothing is wrong; 1 it could not be done, as the last line says; 2 the command line was not
understood; 3 something was found, which is printed.`,
    )
    .action(async (options) => (await import('./run.ts')).runVerify(options));
