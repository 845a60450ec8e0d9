import type { Command } from 'commander';
import {
  type AuditFilter,
  BadFilter,
  filterFrom,
  type WrittenFilter,
} from '../../history/filters.ts';
import { id, limit, time } from '../parsing/arguments.ts';
import { circleKind } from '../parsing/kind-arguments.ts';
import type { AuditOptions } from './run.ts';

type Options = WrittenFilter & AuditOptions;

/** Validates a time, and returns it unchanged. */
const writtenTime = (text: string): string => {
  time(text);
  return text;
};

/** Parses the filter; exits with an error if it is invalid. */
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
  if (json && csv) command.error('error: --json and --csv cannot be combined');
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

export const auditCommand = (command: Command): Command =>
  command
    .option('--circle <id>', 'only in this circle (default: in all)', id)
    .option('--stream <id>', 'only events in this stream or about it', id)
    .option('--user <id>', 'only events that affect this user', id)
    .option('--by <id>', 'only what this user did', id)
    .option('--kind <kind>', 'only this kind of event, such as member-removed', circleKind)
    .option('--since <time>', 'only what happened at this time or later', writtenTime)
    .option('--until <time>', 'only what happened before this time', writtenTime)
    .option('--after <position>', 'only events after this position, <partition>:<seq>')
    .option(
      '--limit <number>',
      'show the newest <number> entries (default: 50 in a table, else all)',
      limit,
    )
    .option('--json', 'print NDJSON, one entry per line')
    .option('--csv', 'print CSV')
    .option('--addresses', 'include addresses and user agents, which are kept for 30 days')
    .addHelpText(
      'after',
      `
Caution: this shows messages of private circles and direct conversations too, with the texts before
edits and of deleted messages. Members' own data is never shown.

The newest entry is last. --json and --csv without --limit print all matching entries, circle by circle.
A time is 2026-03-03, 2026-03-03T14:05:00Z, 2026-03-03T14:05+01:00 (without a zone: UTC), or ms since 1970.

  oshi audit --kind member-removed --since 2026-03-01 --until 2026-04-01
  oshi audit --circle 0198… --by 0197… --addresses
  oshi audit --circle 0198… --csv > audit.csv
  oshi audit --kind message-deleted --json | jq -r .before.text

Works with or without a running server, and changes nothing. See docs/history.md.

Exit codes: 0 success; 1 failure, see the last line; 2 invalid command line.`,
    )
    .action(run);
