import { Command, InvalidArgumentError } from 'commander';
import { isUuid } from '../../events/ids.ts';

const json = ['--json', 'print JSON: one line per row'] as const;

const circleId = (text: string): string => {
  if (isUuid(text)) return text;
  throw new InvalidArgumentError('must be the id of a circle, a lower-case UUID.');
};

const reading = () => import('./reading.ts');

export const circleCommand = (command: Command): Command =>
  command
    .addHelpText(
      'after',
      `
Both work with or without a running server, and show private circles too. They print no messages; for those see
oshi at.

  oshi circle list --search garden
  oshi circle list --json | jq -r 'select(.members == 0) | .id'

Exit codes: 0 success; 1 failure, see the last line; 2 invalid command line.`,
    )
    .addCommand(
      new Command('list')
        .description('list circles in the order of their creation')
        .option('--search <text>', 'only those whose name contains it')
        .option(...json)
        .action(async (options) => (await reading()).list(options)),
    )
    .addCommand(
      new Command('show')
        .description('show a circle, its streams and its members')
        .argument('<id>', 'the id of a circle', circleId)
        .option(...json)
        .action(async (id, options) => (await reading()).show(id, options)),
    );
