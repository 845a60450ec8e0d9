import { type Command, InvalidArgumentError } from 'commander';
import { limit } from '../parsing/arguments.ts';
import type { Where } from './printing.ts';

/** A condition, `field=value`. The value is JSON if it is a number, true, false, null or in quotes, else text. */
const condition = (text: string, before: readonly Where[] = []): readonly Where[] => {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('must be field=value.');
  return [...before, { field: text.slice(0, at), value: valueIn(text.slice(at + 1)) }];
};

const valueIn = (text: string): string | number | boolean | null => {
  try {
    const value: unknown = JSON.parse(text);
    if (value === null || ['string', 'number', 'boolean'].includes(typeof value)) {
      return value as string | number | boolean | null;
    }
  } catch {
    // Anything else is text, which needs no quotes.
  }
  return text;
};

const rowsDefault = 20;

export const rowsCommand = (command: Command): Command =>
  command
    .argument('<name>', 'its name, such as leaderboard; or with its version, such as users_v2')
    .option(
      '--where <field=value>',
      'only rows with this value; may be given more than once',
      condition,
    )
    .option('--sort <field>', 'sort by a field; with a leading - in descending order')
    .option('--limit <number>', 'print at most <number> rows', limit, rowsDefault)
    .option('--json', 'print NDJSON, one complete row per line')
    .addHelpText(
      'after',
      `
Caution: rows contain messages of private circles too, and names of users.

As in the server, every query uses an index, so that it does not slow down a running server; a query without an
index is refused, with a list of the indexes. Rows can always be read by _id, and all of them in
the order of _id, which is the default without --where and --sort.

A value is a number, true, false or null if it looks like one; in quotes it is text: --where 'code="42"'.

  oshi rows leaderboard --where circle=0198… --sort -messages --limit 5
  oshi rows memberships --where circle=0198… --where active=true --json | jq -r .user

Exit codes: 0 success; 1 failure, see the last line; 2 invalid command line.`,
    )
    .action(async (name, options) => (await import('./printing.ts')).print(name, options));
