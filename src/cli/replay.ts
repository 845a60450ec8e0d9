import { once } from 'node:events';
import { Command, InvalidArgumentError } from 'commander';
import { configOf, environment } from '../config.ts';
import { partsOf } from '../events/aggregate.ts';
import { isUuid } from '../events/ids.ts';
import { isKnownKind } from '../events/kinds.ts';
import type { Recorded } from '../events/log.ts';
import { openLogToRead } from './log-to-read.ts';
import { progressBar } from './progress-bar.ts';

type Filter = {
  readonly circle?: string;
  readonly stream?: string;
  readonly user?: string;
  readonly kind?: string;
};

const id = (value: string): string => {
  if (!isUuid(value)) throw new InvalidArgumentError('it must be a lower-case UUID.');
  return value;
};

const kind = (value: string): string => {
  if (!isKnownKind(value)) throw new InvalidArgumentError('there is no such kind of event.');
  return value;
};

/** Lines of NDJSON for the events of a commit that fit. */
const linesOf = (
  { aggregate, commit, seq }: Recorded,
  partition: number,
  filter: Filter,
): string => {
  const parts = partsOf(aggregate);
  if (filter.circle !== undefined && !('circle' in parts && parts.circle === filter.circle))
    return '';
  if (filter.stream !== undefined && !('stream' in parts && parts.stream === filter.stream))
    return '';
  let lines = '';
  for (const [index, event] of commit.events.entries()) {
    if (filter.kind !== undefined && event.k !== filter.kind) continue;
    const own = 'user' in parts && parts.user === filter.user;
    if (filter.user !== undefined && event.by !== filter.user && !own) continue;
    lines += `${JSON.stringify({ position: `${partition}:${seq}`, of: aggregate, n: commit.n + index, ...event })}\n`;
  }
  return lines;
};

const write = async (lines: string): Promise<void> => {
  if (lines !== '' && !process.stdout.write(lines)) await once(process.stdout, 'drain');
};

const replay = async (filter: Filter): Promise<void> => {
  // A reader such as `head` that has seen enough closes the pipe: that is no error.
  process.stdout.on('error', () => process.exit(0));
  const { log, close } = await openLogToRead(configOf(environment()));
  const heads = await Promise.all(
    Array.from({ length: log.info.partitions }, (_, partition) => log.head(partition)),
  );
  const bar = progressBar(
    heads.reduce((sum, head) => sum + head, 0),
    'commits',
  );
  for (let partition = 0, before = 0; partition < log.info.partitions; partition++) {
    for await (const batch of log.scan(partition)) {
      await write(batch.map((recorded) => linesOf(recorded, partition, filter)).join(''));
      bar.update(before + (batch.at(-1)?.seq ?? 0));
    }
    before += heads[partition] ?? 0;
  }
  bar.stop();
  await close();
};

/** `oshi replay`: the log as NDJSON, while the server runs or beside it. */
export const replayCommand = (): Command =>
  new Command('replay')
    .description('print the events of the log as NDJSON, oldest first')
    .option('--circle <id>', 'only what happened to this circle and in its streams', id)
    .option('--stream <id>', 'only what happened in this stream', id)
    .option('--user <id>', 'only what this user did, or what happened to their account', id)
    .option('--kind <kind>', 'only events of this kind, such as message-posted', kind)
    .addHelpText(
      'after',
      `
Each line is one event: {"position","of","n","k","v","at","by","d"}, and "cmd", "conn" where known. In each
partition of the log the order is that in which things happened. Which log is read is what OSHI_DATA_DIR, or
OSHI_NATS_URL and OSHI_MONGODB_URL, say; it is opened for reading only, also while a server writes it.

  oshi replay --kind message-posted --circle 0198… | jq .d.text`,
    )
    .action(replay);
