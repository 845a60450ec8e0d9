import type { Command } from 'commander';
import type { EventKind } from '../../events/kinds/kinds.ts';
import { id, limit, time } from '../parsing/arguments.ts';
import { kind } from '../parsing/kind-arguments.ts';
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
    command.error('error: --until and --follow cannot be combined');
  }
  const filter = { ...rest, ...(kinds && { kinds }) };
  await replay({ filter, after, limit, follows: follow });
};

export const replayCommand = (command: Command): Command =>
  command
    .option('--circle <id>', 'only events of this circle and its streams', id)
    .option('--stream <id>', 'only events of this stream', id)
    .option('--user <id>', 'only events by this user or of their account', id)
    .option('--by <id>', 'only events by this user', id)
    .option('--kind <kind>', 'only events of this kind; may be given more than once', kind)
    .option('--since <time>', 'only events at this time or later', time)
    .option('--until <time>', 'only events before this time', time)
    .option(
      '--after <position>',
      'resume after these positions, one per partition, separated by commas or repeated',
      positionsIn,
    )
    .option('--limit <number>', 'stop after <number> lines', limit)
    .option('--follow', 'keep printing new events, until Ctrl-C')
    .addHelpText(
      'after',
      `
Each line is one event: {"position","of","n","k","v","at","by","d"}, and "cmd", "conn", "ses" where known.
Each partition of the log is in chronological order. The log is given by OSHI_DATA_DIR, or
OSHI_NATS_URL and OSHI_MONGODB_URL, and is opened for reading only, also while a server writes it.

A time is 2026-03-03, 2026-03-03T14:05:00Z, 2026-03-03T14:05+01:00 (without a zone: UTC), or ms since 1970.

A replay that ends early prints on standard error how to resume. --after 0:123 resumes after the commit at position
123 of partition 0, and --after 0:123/7 after event 7 in it: "position", "/" and "n" of a line resume after that
line. Other partitions start at the beginning.

  oshi replay --kind message-posted --circle 0198… | jq -r .d.text
  oshi replay --kind member-removed --since 2026-03-01 --until 2026-04-01
  oshi replay --follow --kind message-posted | jq -c '[.by, .d.text]'
  oshi replay --after 0:5120 >> log.ndjson

Exit codes: 0 success, also if ended by --limit, a closed pipe, or a signal during --follow; 1 failure, see the last
line; 2 invalid command line; 130 or 143 interrupted by SIGINT or SIGTERM.`,
    )
    .action(run);
