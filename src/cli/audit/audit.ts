import { Command } from 'commander';
import {
  type AuditFilter,
  BadFilter,
  filterFrom,
  type WrittenFilter,
} from '../../history/filters.ts';
import { circleKind, id, limit, time } from '../parsing/arguments.ts';
import type { AuditOptions } from './run.ts';

type Options = WrittenFilter & AuditOptions;

/** A time as it was written, if it can be read. */
const writtenTime = (text: string): string => {
  time(text);
  return text;
};

/** What was asked for; ends with what is wrong with it where that cannot be understood. */
const filterOf = (written: WrittenFilter, command: Command): AuditFilter => {
  try {
    return filterFrom(written);
  } catch (error) {
    if (!(error instanceof BadFilter)) throw error;
    return command.error(`error: --${error.field}: ${error.message}`);
  }
};

const run = async (options: Options, command: Command): Promise<void> => {
  const { circle, limit: most, json, csv, addresses, ...written } = options;
  if (json && csv) command.error('error: --json and --csv cannot go together');
  const filter = filterOf(written, command);
  const { audit } = await import('./run.ts');
  await audit(filter, {
    ...(circle !== undefined && { circle }),
    ...(most !== undefined && { limit: most }),
    ...(json && { json }),
    ...(csv && { csv }),
    ...(addresses && { addresses }),
  });
};

/** `oshi audit`: who did what in circles, and what it was before. */
export const auditCommand = (): Command =>
  new Command('audit')
    .description('show who did what in circles, when, and what it was before')
    .option('--circle <id>', 'only in this circle; else in all of them', id)
    .option('--stream <id>', 'only what happened in this stream, and to it', id)
    .option('--user <id>', 'only what befell this user', id)
    .option('--by <id>', 'only what this user did', id)
    .option('--kind <kind>', 'only this kind of event, such as member-removed', circleKind)
    .option('--since <time>', 'only what happened at this time or later', writtenTime)
    .option('--until <time>', 'only what happened before this time', writtenTime)
    .option('--after <position>', 'only what stands behind this position, <partition>:<seq>')
    .option('--limit <number>', 'the newest so many; 50 in a table, else all', limit)
    .option('--json', 'print NDJSON, an entry a line')
    .option('--csv', 'print CSV, for a spreadsheet')
    .option('--addresses', 'with the address and the user agent, which are known for 30 days')
    .addHelpText(
      'after',
      `
Take care: this shows what people wrote, in private circles and in direct conversations too, with the texts from
before edits and of deleted messages. What members keep for themselves it never shows.

The newest stands last. --json and --csv without --limit print everything that fits, one circle after the other.
A time is 2026-03-03, 2026-03-03T14:05:00Z, 2026-03-03T14:05+01:00 (without a zone: UTC), or ms since 1970.

  oshi audit --kind member-removed --since 2026-03-01 --until 2026-04-01
  oshi audit --circle 0198… --by 0197… --addresses
  oshi audit --circle 0198… --csv > audit.csv
  oshi audit --kind message-deleted --json | jq -r .before.text

Reads beside a server that runs, or without one, and changes nothing; docs/history.md says more.

Exit codes: 0 done; 1 it could not be done, as the last line says; 2 the command line was not understood.`,
    )
    .action(run);
