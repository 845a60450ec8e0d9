import { Command } from 'commander';
import { refuseUnknown } from '../parsing/unknown-command.ts';

/** A command that changes the desired state of one projection. */
const changing = (verb: 'stop' | 'resume' | 'detach', description: string, help: string): Command =>
  new Command(verb)
    .description(description)
    .argument('<name>', 'its name, as oshi projections shows it')
    .addHelpText('after', `\n${help}`)
    .action(async (name: string) => (await import('./desired-state.ts'))[verb](name));

export const projectionsCommand = (command: Command): Command =>
  command
    .option('--watch', 'refresh every second, until Ctrl-C')
    .option('--json', 'print one JSON array; with --watch a line of JSON for each change')
    .addHelpText(
      'after',
      `
Works with or without a server. For each projection: its runner (by), its state, the position up to which its
rows are filled (sum of all partitions), how far it is behind (lag), and its rate in events per second.

  catching-up   it reads earlier events
  live          it follows new events
  failed        it failed on an event, which is printed; others continue
  stopped       by oshi projections stop
  not running   it has no runner

With --watch and without a terminal, each line is the JSON of a changed projection.

  oshi projections --json | jq -r '.[] | select(.state == "failed") | .name'

Exit codes: 0 success; 1 failure, see the last line; 2 invalid command line.`,
    )
    .allowExcessArguments()
    .action(async (options, command: Command) => {
      const [word] = command.args;
      if (word !== undefined) refuseUnknown(command, word);
      await (await import('./listing.ts')).list(options);
    })
    .addCommand(
      changing(
        'stop',
        'stop a custom projection until it is resumed',
        `Its runner stops within a second or two; the rows remain and can be read. It stays
stopped across restarts.`,
      ),
    )
    .addCommand(
      changing(
        'resume',
        'resume one that was stopped, or that has failed and is fixed',
        `Its module is loaded again, so that fixes apply, and it continues where it stopped. If the rows
themselves are wrong, increase its version or run oshi rebuild.`,
      ),
    )
    .addCommand(
      changing(
        'detach',
        'remove one and delete its rows',
        `Works without a server too. External rows remain. Remove it from OSHI_PROJECTIONS as well: a server that
starts with it there builds it again.`,
      ),
    );
