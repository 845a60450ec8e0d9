import type { Command } from 'commander';
import { closest } from 'fastest-levenshtein';
import type { RebuildRequest } from './request.ts';

type Options = Omit<RebuildRequest, 'name'> & { readonly all?: boolean };

/** The exit code of `oshi rebuild --expect-same` if a document differs. */
export const differsExitCode = 3;

/** Names of projections have no dots or slashes. */
const isPath = (word: string): boolean => /[./\\]/.test(word);

const checkName = async (name: string, command: Command): Promise<void> => {
  const { builtIn } = await import('../../projections/read-models.ts');
  const names = builtIn.map((each) => each.name);
  if (isPath(name) || names.includes(name)) return;
  command.error(
    `error: there is no read model "${name}"; did you mean ${closest(name, names)}? A custom projection is given by the path of its module`,
  );
};

const run = async (name: string | undefined, options: Options, command: Command): Promise<void> => {
  if ((name === undefined) === (options.all !== true)) {
    command.error('error: give one read model, the module of a projection, or --all');
  }
  if (name !== undefined) await checkName(name, command);
  const { rebuildModels } = await import('./run.ts');
  const { all: _, ...flags } = options;
  const differs = await rebuildModels({ name, ...flags });
  if (differs) process.exitCode = differsExitCode;
};

export const rebuildCommand = (command: Command): Command =>
  command
    .argument(
      '[model]',
      'its name, such as messages, or the path of the module of a custom projection',
    )
    .option('--all', 'all built-in read models, one after the other')
    .option('--expect-same', 'change nothing if a document differs from the current one')
    .option('--anew', 'discard the results of an earlier attempt')
    .option('--json', 'print NDJSON: a line for each step, and a last one with the result')
    .addHelpText(
      'after',
      `
A new collection is filled from the start of the log. Then all documents are compared with the current
ones; differences are printed, which is not a failure: they are the reason for a rebuild. Then the new collection
replaces the old one, which is dropped. Users notice nothing; a server need not be stopped, and none
need be running. If it is killed, nothing has changed for readers, and the same command resumes.
There must be space for a second copy of the model.

  oshi rebuild messages
  oshi rebuild ./leaderboard.js
  oshi rebuild --all --expect-same

The data is given by OSHI_DATA_DIR, or OSHI_NATS_URL and OSHI_MONGODB_URL.

Exit codes: 0 success; 1 failure, see the last line; 2 invalid command line;
3 with --expect-same: a document differs, which is printed, and the model is unchanged.`,
    )
    .action(run);
