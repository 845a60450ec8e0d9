import { Command } from 'commander';

export const configCommand = (command: Command): Command =>
  command.addCommand(
    new Command('check')
      .description('check the settings, the data folder or the servers, and their safety')
      .option('--json', 'print one JSON object')
      .addHelpText(
        'after',
        `
It reads the settings as start does, changes nothing, and works with or without a running server.

  oshi config check --config /etc/oshi/oshi.env

--json prints {"status","checks":[{"status","name","found","remedy"}]}, where status is ok, warning or error.

Exit codes: 0 no errors, perhaps warnings; 1 an error; 2 invalid command line.`,
      )
      .action(async (options) => (await import('./check.ts')).check(options)),
  );
