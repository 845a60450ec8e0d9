import { Command } from 'commander';

const json = ['--json', 'print JSON: one line per row'] as const;

const reading = () => import('./reading.ts');
const changing = () => import('./changing.ts');

/** A command on one user. */
const onUser = (name: string, description: string): Command =>
  new Command(name)
    .description(description)
    .argument('<user>', 'a username, or the id of a user')
    .option(...json);

export const userCommand = (command: Command): Command =>
  command
    .addHelpText(
      'after',
      `
All work with or without a running server. Changes are recorded in the log, where the nil UUID stands for the operator.

  oshi user list --search ann
  oshi user password ann --generate
  oshi user suspend ann --reason 'spam, see ticket 12'

Exit codes: 0 success; 1 failure, see the last line; 2 invalid command line.`,
    )
    .addCommand(
      new Command('list')
        .description('list accounts in the order of their registration')
        .option('--search <text>', 'only those whose username or display name contains it')
        .option('--suspended', 'only those that are suspended')
        .option(...json)
        .action(async (options) => (await reading()).list(options)),
    )
    .addCommand(
      onUser('show', 'show an account and its circles').action(async (user, options) =>
        (await reading()).show(user, options),
      ),
    )
    .addCommand(
      onUser('sessions', 'list the open sessions of a user, or end them')
        .option('--end <id>', 'end this session, or all of them with --end all')
        .action(async (user, { end, ...options }) =>
          end === undefined
            ? (await reading()).sessions(user, options)
            : (await changing()).endSessions(user, end, options),
        ),
    )
    .addCommand(
      onUser('password', 'set a new password and end all sessions')
        .option('--generate', 'generate one and print it')
        .addHelpText(
          'after',
          `
Without --generate the password is prompted for on a terminal, otherwise the first line of standard input is used.`,
        )
        .action(async (user, options) => (await changing()).password(user, options)),
    )
    .addCommand(
      onUser('suspend', 'end all sessions of a user and prevent new ones')
        .option('--reason <text>', 'recorded in the log and shown to operators')
        .addHelpText(
          'after',
          `
Messages and memberships remain. A suspended user learns of it when logging in with the right password.`,
        )
        .action(async (user, options) => (await changing()).suspend(user, options)),
    )
    .addCommand(
      onUser('resume', 'let a suspended user log in again').action(async (user, options) =>
        (await changing()).resume(user, options),
      ),
    );
