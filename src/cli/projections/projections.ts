import { Command } from 'commander';
import { refuseUnknown } from '../parsing/unknown-command.ts';

const name = '<name>';

const stopCommand = (): Command =>
  new Command('stop')
    .description('leave a projection of one’s own as it is, until it is resumed')
    .argument(name, 'its name, as oshi projections shows it')
    .addHelpText(
      'after',
      `
Whoever runs it leaves off within a second or two; the rows stay where they are and can be read. It stays
stopped over restarts.`,
    )
    .action(async (named: string) => (await import('./desired-state.ts')).stop(named));

const resumeCommand = (): Command =>
  new Command('resume')
    .description('go on with one that was stopped, or that has failed and is mended')
    .argument(name, 'its name, as oshi projections shows it')
    .addHelpText(
      'after',
      `
Its module is read again, so that what was mended in it counts, and it goes on where it was. If the rows
themselves are wrong, raise its version or run oshi rebuild.`,
    )
    .action(async (named: string) => (await import('./desired-state.ts')).resume(named));

const detachCommand = (): Command =>
  new Command('detach')
    .description('end one and throw away the rows that it made')
    .argument(name, 'its name, as oshi projections shows it')
    .addHelpText(
      'after',
      `
Also without a server. Rows that it keeps elsewhere stay. Take it out of OSHI_PROJECTIONS as well: a server that
starts with it there builds it anew.`,
    )
    .action(async (named: string) => (await import('./desired-state.ts')).detach(named));

/** `oshi projections`: how every read model stands, and what is wanted of those of one's own. */
export const projectionsCommand = (): Command =>
  new Command('projections')
    .description('show how far every projection is; stop, resume or detach one')
    .option('--watch', 'draw it anew every second, until Ctrl-C')
    .option(
      '--json',
      'print one JSON array; with --watch a line of JSON for each one that has changed',
    )
    .addHelpText(
      'after',
      `
Beside a server or without one. For each projection: who runs it (by), its state, up to which place of the log its
rows are filled (over all partitions), how many places it lacks (lag), and how many events a second it takes.

  catching-up   it reads what was there before it
  live          it follows what happens
  failed        it broke on an event, which is printed; the others go on
  stopped       by oshi projections stop
  not running   nobody runs it now

With --watch on something that is no terminal, each line is the JSON of one that has changed.

  oshi projections --json | jq -r '.[] | select(.state == "failed") | .name'

Exit codes: 0 done; 1 it could not be done, as the last line says; 2 the command line was not understood.`,
    )
    .allowExcessArguments()
    .action(async (options, command: Command) => {
      const [word] = command.args;
      if (word !== undefined) refuseUnknown(command, word);
      await (await import('./listing.ts')).list(options);
    })
    .addCommand(stopCommand())
    .addCommand(resumeCommand())
    .addCommand(detachCommand());
