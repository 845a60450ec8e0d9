import { Command } from 'commander';
import { closest } from 'fastest-levenshtein';
import { environment } from '../../config.ts';

type Options = {
  readonly all?: boolean;
  readonly expectSame?: boolean;
  readonly anew?: boolean;
  readonly json?: boolean;
};

/** How `oshi rebuild --expect-same` ends when a document differs. */
export const differsExitCode = 3;

/** What has a dot or a slash is no name of a projection. */
const isPath = (word: string): boolean => /[./\\]/.test(word);

const checkName = async (name: string, command: Command): Promise<void> => {
  const { builtIn } = await import('../../projections/read-models.ts');
  const names = builtIn.map((each) => each.name);
  if (isPath(name) || names.includes(name)) return;
  command.error(
    `error: there is no read model "${name}"; did you mean ${closest(name, names)}? One of your own is named by the path of its module`,
  );
};

const run = async (name: string | undefined, options: Options, command: Command): Promise<void> => {
  if ((name === undefined) === (options.all !== true)) {
    command.error('error: name one read model, or the module of a projection, or say --all');
  }
  if (name !== undefined) await checkName(name, command);
  const { rebuildModels } = await import('./run.ts');
  const { all: _, ...flags } = options;
  const differs = await rebuildModels({ name, ...flags }, environment());
  if (differs) process.exitCode = differsExitCode;
};

/** `oshi rebuild`: builds a read model anew while the server reads the one that there is, and exchanges them. */
export const rebuildCommand = (): Command =>
  new Command('rebuild')
    .description('build a read model anew from the log, beside the server that reads it')
    .argument(
      '[model]',
      'its name, such as messages, or the path of the module of your own projection',
    )
    .option('--all', 'all of Oshi’s own, one after the other')
    .option('--expect-same', 'change nothing if a document differs from what is read now')
    .option('--anew', 'throw away what an earlier attempt has filled')
    .option('--json', 'print NDJSON: a line for each step, at last one with the result')
    .addHelpText(
      'after',
      `
A new collection is filled from the beginning of the log. Then all documents are compared with those that are
read now; those that differ are named, which is no failure: they are why one rebuilds. Then the new collection
takes the place of the old one, which is dropped: people notice nothing, a server need not be stopped, and none
need run. Killed at any moment, nothing has changed for readers, and the same command goes on where it was.
There must be room for the model a second time.

  oshi rebuild messages
  oshi rebuild ./leaderboard.js
  oshi rebuild --all --expect-same

Which data it works on is what OSHI_DATA_DIR, or OSHI_NATS_URL and OSHI_MONGODB_URL, say.

Exit codes: 0 done; 1 it could not be done, as the last line says; 2 the command line was not understood;
3 with --expect-same: a document differs, which is printed, and the model is left as it was.`,
    )
    .action(run);
