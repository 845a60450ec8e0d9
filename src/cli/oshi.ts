#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { commands } from './commands.ts';
import { refuseUnknown } from './parsing/unknown-command.ts';
import { shown } from './terminal/shown.ts';

/** The command that the words name, `help <name>` too. */
const [first, second] = process.argv.slice(2).filter((word) => !word.startsWith('-'));
const asked = first === 'help' ? second : first;

const program = new Command('oshi')
  .description('A self-hosted, event-sourced chat backend.')
  .version('0.1.0')
  .usage('[command] [options]')
  .showHelpAfterError('(oshi help shows what there is)')
  .addHelpCommand(
    new Command('help')
      .argument('[command]')
      .description('show what there is, or what one command can do')
      .helpGroup('Read about it:'),
  )
  .action(async (): Promise<void> => (await import('./start.ts')).runServer())
  .addHelpText(
    'after',
    `
oshi help <command> says more about one. chat talks to any server; all others but start read the data of one, while it
runs or not.

Oshi is set up by environment variables, which docs/configuration.md describes. The most used:
  OSHI_PORT                        the port; 0: any free one               8080
  OSHI_DATA_DIR                    where the embedded engine keeps data    ./data
  OSHI_NATS_URL, OSHI_MONGODB_URL  run on these servers instead of files

Exit codes: 0 done; 1 something went wrong, as the last line says; 2 the command line was not understood;
3 oshi verify has found something, oshi rebuild a difference, or oshi explain a message without a right to it.`,
  );

/** How a command line that was not understood ends; what is wrong with it has been said. */
const usageExitCode = 2;

/** Has a command and its own throw instead of ending the process, and print nothing raw that was typed or piped in. */
const prepare = (command: Command): void => {
  command.exitOverride();
  command.configureOutput({
    outputError: (text, write) => write(text.split('\n').map(shown).join('\n')),
  });
  for (const each of command.commands) prepare(each);
};

try {
  for (const [group, entries] of Object.entries(commands)) {
    for (const { name, description, load } of entries) {
      const command = name === asked ? await load() : new Command(name).description(description);
      program.addCommand(command.helpGroup(group));
    }
  }
  prepare(program);
  const known = ['help', ...program.commands.map((command) => command.name())];
  if (asked !== undefined && !known.includes(asked)) refuseUnknown(program, asked);
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : usageExitCode);
  // It may hold what others wrote, a server or a module.
  process.stderr.write(`oshi: ${shown(error instanceof Error ? error.message : String(error))}\n`);
  process.exit(1);
}
