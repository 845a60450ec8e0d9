import { Command, InvalidArgumentError } from 'commander';
import { limit } from '../parsing/arguments.ts';
import type { Where } from './printing.ts';

/** One condition, `field=value`. A value is JSON if it is a number, true, false or null, or in quotes; else a text. */
const condition = (text: string, before: readonly Where[] = []): readonly Where[] => {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('it must be field=value.');
  return [...before, { field: text.slice(0, at), value: valueIn(text.slice(at + 1)) }];
};

const valueIn = (text: string): string | number | boolean | null => {
  try {
    const value: unknown = JSON.parse(text);
    if (value === null || ['string', 'number', 'boolean'].includes(typeof value)) {
      return value as string | number | boolean | null;
    }
  } catch {
    // What is no JSON is a text, which need not be in quotes.
  }
  return text;
};

const rowsDefault = 20;

/** `oshi rows`: what a projection has made of the log. */
export const rowsCommand = (): Command =>
  new Command('rows')
    .description('print the rows of a projection, of your own or of Oshi’s')
    .argument('<name>', 'its name, such as leaderboard; or with its version, such as users_v1')
    .option(
      '--where <field=value>',
      'only rows with this value; may be given more than once',
      condition,
    )
    .option('--sort <field>', 'in the order of a field; with - before it the greatest first')
    .option('--limit <number>', 'so many rows at most', limit, rowsDefault)
    .option('--json', 'print NDJSON, a row a line, whole')
    .addHelpText(
      'after',
      `
Take care: the rows hold what people wrote, in private circles too, and what they are called.

As in the server itself, every question is answered by an index, so that it costs nothing beside a server; one that
none serves is refused, with the indexes that there are. A row can always be asked for by its _id, and all of them in
the order of their _id, which is also what you get without --where and --sort.

A value is a number, true, false or null if it looks like one; in quotes it is a text: --where 'code="42"'.

  oshi rows leaderboard --where circle=0198… --sort -messages --limit 5
  oshi rows memberships --where circle=0198… --where active=true --json | jq -r .user

Exit codes: 0 done; 1 it could not be done, as the last line says; 2 the command line was not understood.`,
    )
    .action(async (name, options) => (await import('./printing.ts')).print(name, options));
