import { Command } from 'commander';
import type { EventKind } from '../../events/kinds/kinds.ts';
import { id, kind, limit, time } from '../parsing/arguments.ts';
import type { Filter } from './filter.ts';
import { positionsIn, type ReplayPositions } from './positions.ts';
import { replay } from './run.ts';

type Options = Omit<Filter, 'kinds'> & {
  readonly kind?: readonly EventKind[];
  readonly after?: ReplayPositions;
  readonly limit?: number;
  readonly follow?: boolean;
};

const run = async (options: Options, command: Command): Promise<void> => {
  const { kind: kinds, after = new Map(), limit = Infinity, follow = false, ...rest } = options;
  if (follow && rest.until !== undefined) {
    command.error('error: --until has an end, and --follow has none: leave one of them out');
  }
  const filter = { ...rest, ...(kinds && { kinds }) };
  await replay({ filter, after, limit, follows: follow });
};

/** `oshi replay`: the log as NDJSON, while the server runs or beside it. */
export const replayCommand = (): Command =>
  new Command('replay')
    .description('print the events of the log as NDJSON, oldest first')
    .option('--circle <id>', 'only what happened to this circle and in its streams', id)
    .option('--stream <id>', 'only what happened in this stream', id)
    .option('--user <id>', 'only what this user did, or what happened to their account', id)
    .option('--by <id>', 'only what this user did', id)
    .option('--kind <kind>', 'only events of this kind; may be given more than once', kind)
    .option('--since <time>', 'only what happened at this time or later', time)
    .option('--until <time>', 'only what happened before this time', time)
    .option(
      '--after <position>',
      'go on behind these positions, one of each partition, with commas or one by one',
      positionsIn,
    )
    .option('--limit <number>', 'end after so many lines', limit)
    .option('--follow', 'go on for ever with what is written from now on')
    .addHelpText(
      'after',
      `
Each line is one event: {"position","of","n","k","v","at","by","d"}, and "cmd", "conn", "ses" where known. In
each partition of the log the order is that in which things happened. Which log is read is what OSHI_DATA_DIR, or
OSHI_NATS_URL and OSHI_MONGODB_URL, say; it is opened for reading only, also while a server writes it.

A time is 2026-03-03, 2026-03-03T14:05:00Z, 2026-03-03T14:05+01:00 (without a zone: UTC), or ms since 1970.

What ends before the end says on standard error how to go on. --after 0:123 goes on behind the commit at place
123 of partition 0, and --after 0:123/7 behind event 7 in it: "position", "/" and "n" of a line go on behind that
line. A partition that is not named begins at its beginning.

  oshi replay --kind message-posted --circle 0198… | jq -r .d.text
  oshi replay --kind member-removed --since 2026-03-01 --until 2026-04-01
  oshi replay --follow --kind message-posted | jq -c '[.by, .d.text]'
  oshi replay --after 0:5120 >> log.ndjson

Exit codes: 0 done, or ended by --limit, by a closed pipe, or from --follow; 1 it could not be done, as the last
line says; 2 the command line was not understood; 130 or 143 ended by SIGINT or SIGTERM before the end.`,
    )
    .action(run);
