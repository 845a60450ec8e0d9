import type { RawLog } from '../../events/raw-log.ts';
import { configuredStorage } from '../storage.ts';
import { progressBar } from '../terminal/progress-bar.ts';
import { type Filter, selectionOf, sieveOf } from './filter.ts';
import { type Ended, type Output, standardOutput } from './output.ts';
import { positionsFor, type ReplayPosition, type ReplayPositions, written } from './positions.ts';
import { Printer } from './printing.ts';
import { rangeBetween } from './times.ts';

export type ReplayRequest = {
  readonly filter: Filter;
  readonly after: ReplayPositions;
  readonly limit: number;
  /** Keeps printing new events. */
  readonly follows: boolean;
};

type Run = { readonly printer: Printer; readonly output: Output; readonly filter: Filter };

/** The exit codes of shells for processes ended by a signal. */
const signalExitCodes = { SIGINT: 130, SIGTERM: 143 };

const rangeOf = (
  log: RawLog,
  filter: Filter,
  { partition, upTo, place }: { partition: number; upTo: number; place: ReplayPosition },
) => {
  // The commit at the position is read again if only a part of it was printed.
  const after = place.n === undefined ? place.seq : place.seq - 1;
  return rangeBetween(log, { partition, after, upTo }, filter);
};

/** Prints the log up to these positions, one partition after the other. */
export const replayAll = async (
  log: RawLog,
  heads: readonly number[],
  { printer, output, filter }: Run,
): Promise<void> => {
  const selection = selectionOf(filter);
  const begun = [...printer.places];
  const total = heads.reduce((sum, head, index) => sum + head - (begun[index]?.seq ?? 0), 0);
  const bar = progressBar();
  let behind = 0;
  for (const [partition, head] of heads.entries()) {
    const place = begun[partition] ?? { seq: 0 };
    const range = await rangeOf(log, filter, { partition, upTo: head, place });
    const batches = selection
      ? log.select(partition, range, selection)
      : log.scan(partition, range);
    for await (const batch of batches) {
      await printer.print(partition, batch);
      if (output.signal.aborted) return bar.stop();
      // On a terminal the lines themselves show the progress.
      const passed = behind + (batch.at(-1)?.seq ?? 0) - place.seq;
      if (!process.stdout.isTTY) bar.update(passed, total, 'commits');
    }
    printer.pass(partition, head);
    behind += head - place.seq;
  }
  bar.stop();
};

/** Prints new events until something ends it. */
const followAll = async ({ printer, output }: Run): Promise<void> => {
  const { follow } = await import('../../events/follow.ts');
  const log = await (await configuredStorage()).readLog();
  const followOne = async (partition: number, { seq }: ReplayPosition): Promise<void> => {
    for await (const batch of follow(log, { partition, after: seq }, output.signal)) {
      await printer.print(partition, batch);
    }
  };
  try {
    await Promise.all(printer.places.map((place, partition) => followOne(partition, place)));
  } finally {
    await log.close();
  }
};

/** How to resume a replay that ended early. */
const advice = (places: readonly ReplayPosition[], reason: Ended): string => {
  const same = 'To resume, run the same command';
  if (reason === 'closed') {
    // Only the reader knows how much of the pipe it has read.
    return `the reader has closed the pipe. ${same} --after <position>/<n> of the last line that was read of each partition`;
  }
  const why = reason === 'limit' ? 'the limit is reached' : 'interrupted';
  const after = written(places);
  return `${why}. ${same} ${after === '' ? 'again' : `--after ${after}`}`;
};

/** Runs `oshi replay`, and prints how to resume if it ends early. */
export const replay = async (request: ReplayRequest): Promise<void> => {
  const { filter, after, limit, follows } = request;
  const output = standardOutput();
  const log = await (await configuredStorage()).readRawLog();
  let printer: Printer;
  try {
    const all = Array.from({ length: log.info.partitions }, (_, partition) => log.head(partition));
    const heads = await Promise.all(all);
    const places = positionsFor(heads, after);
    printer = new Printer({ sieve: sieveOf(filter), output, places, limit });
    await replayAll(log, heads, { printer, output, filter });
  } finally {
    await log.close();
  }
  if (follows && !output.signal.aborted) await followAll({ printer, output, filter });
  output.close();
  if (!output.signal.aborted) return;
  const reason: Ended | Error = output.signal.reason;
  if (reason instanceof Error) throw reason;
  process.stderr.write(`oshi: ${advice(printer.places, reason)}\n`);
  if (!follows && (reason === 'SIGINT' || reason === 'SIGTERM')) {
    process.exitCode = signalExitCodes[reason];
  }
};
