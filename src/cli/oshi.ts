#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { version } from '../app/version.ts';
import { commands } from './commands.ts';
import { refuseUnknown } from './parsing/unknown-command.ts';
import { addSettings } from './settings.ts';
import { shown } from './terminal/shown.ts';

/** The command given by the arguments, also by `help <name>`. */
const [first, second] = process.argv
  .slice(2)
  .filter((word, at, all) => !word.startsWith('-') && all[at - 1] !== '--config');
const asked = first === 'help' ? second : first;

const program = new Command('oshi')
  .description('A self-hosted, event-sourced chat backend.')
  .version(version)
  .usage('[command] [options]')
  .showHelpAfterError('(run oshi help for a list of commands)')
  .addHelpCommand(
    new Command('help')
      .argument('[command]')
      .description('show all commands, or help for one')
      .helpGroup('Help:'),
  )
  .option('--config <file>', 'read settings from a file with lines NAME=value')
  .hook('preAction', (root) => addSettings(root.opts<{ config?: string }>().config))
  .action(async (): Promise<void> => (await import('./start.ts')).runServer())
  .addHelpText(
    'after',
    `
oshi help <command> describes a command. chat connects to any server; all others except start read the data of one,
whether it is running or not.

Oshi is configured by environment variables, which --config reads from a file; see docs/configuration.md. The most
common, which are also options of start:
  OSHI_PORT                        the port; 0: any free one               8080
  OSHI_DATA_DIR                    where the embedded engine keeps data    ./data
  OSHI_NATS_URL, OSHI_MONGODB_URL  run on these servers instead of files

Exit codes: 0 success; 1 failure, see the last line; 2 invalid command line;
3 oshi verify has found a problem, oshi rebuild a difference, oshi explain a message without permission,
or oshi restore a damaged backup.`,
  );

/** The exit code for an invalid command line, after the error was printed. */
const usageExitCode = 2;

/** An unknown option without its value, which may be a secret of a misspelt one. */
const withoutValue = (text: string): string =>
  text.replace(/^(error: unknown option '--[\w-]*)=.*'/s, "$1'");

/** Makes commands and subcommands throw instead of exiting, and escape what was typed or piped in. */
const prepare = (command: Command): void => {
  command.exitOverride();
  command.configureOutput({
    outputError: (text, write) => write(withoutValue(text).split('\n').map(shown).join('\n')),
  });
  for (const each of command.commands) prepare(each);
};

try {
  for (const [group, entries] of Object.entries(commands)) {
    for (const [name, { description, load }] of Object.entries(entries)) {
      const command = new Command(name).description(description).helpGroup(group);
      if (name === asked) (await load())(command);
      program.addCommand(command);
    }
  }
  prepare(program);
  const known = ['help', ...program.commands.map((command) => command.name())];
  if (asked !== undefined && !known.includes(asked)) refuseUnknown(program, asked);
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : usageExitCode);
  // The message may contain text from a server or a module.
  process.stderr.write(`oshi: ${shown(error instanceof Error ? error.message : String(error))}\n`);
  process.exit(1);
}
