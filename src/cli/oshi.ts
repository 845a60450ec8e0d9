#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { checkpointCommand } from './checkpoint.ts';
import { replayCommand } from './replay.ts';
import { runServer, startCommand } from './start.ts';
import { verifyCommand } from './verify.ts';

const program = new Command('oshi')
  .description('A self-hosted, event-sourced chat backend.')
  .version('0.1.0')
  .showHelpAfterError('(oshi help shows what there is)')
  .allowExcessArguments()
  .helpCommand(true)
  .action(async (_options, command: Command): Promise<void> => {
    const [unknown] = command.args;
    if (unknown !== undefined) command.error(`error: unknown command '${unknown}'`);
    await runServer();
  })
  .addCommand(startCommand())
  .addCommand(replayCommand())
  .addCommand(verifyCommand())
  .addCommand(checkpointCommand())
  .addHelpText(
    'after',
    `
Oshi is set up by environment variables, which docs/configuration.md describes. The most used:
  OSHI_PORT                        the port; 0: any free one               8080
  OSHI_DATA_DIR                    where the embedded engine keeps data    ./data
  OSHI_NATS_URL, OSHI_MONGODB_URL  run on these servers instead of files

Exit codes: 0 done; 1 something went wrong, as the last line says; 2 the command line was not understood;
3 oshi verify has found something.`,
  );

/** How a command line that was not understood ends; what is wrong with it has been said. */
const usageExitCode = 2;

for (const command of [program, ...program.commands]) command.exitOverride();
try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : usageExitCode);
  process.stderr.write(`oshi: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
