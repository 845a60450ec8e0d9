import { configOf, environment } from '../../config.ts';
import { storageOf } from '../../engine/engine.ts';
import type { RawLog } from '../../events/raw-log.ts';
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
  /** Goes on for ever with what is written. */
  readonly follows: boolean;
};

type Run = { readonly printer: Printer; readonly output: Output; readonly filter: Filter };

/** The codes of shells for a process that a signal has ended. */
const signalExitCodes = { SIGINT: 130, SIGTERM: 143 };

/** What a partition holds behind a place, and what of it is to be read. */
const stretchOf = (
  log: RawLog,
  filter: Filter,
  { partition, upTo, place }: { partition: number; upTo: number; place: ReplayPosition },
) => {
  // The commit at the place is read again when only a part of it was printed.
  const after = place.n === undefined ? place.seq : place.seq - 1;
  return rangeBetween(log, { partition, after, upTo }, filter);
};

/** Prints what stands in the log up to these places, one partition after the other. */
export const replayAll = async (
  log: RawLog,
  heads: readonly number[],
  { printer, output, filter }: Run,
): Promise<void> => {
  const selection = selectionOf(filter);
  const begun = [...printer.places];
  const total = heads.reduce((sum, head, index) => sum + head - (begun[index]?.seq ?? 0), 0);
  const bar = progressBar(total, 'commits');
  let behind = 0;
  for (const [partition, head] of heads.entries()) {
    const place = begun[partition] ?? { seq: 0 };
    const stretch = await stretchOf(log, filter, { partition, upTo: head, place });
    const batches = selection
      ? log.select(partition, stretch, selection)
      : log.scan(partition, stretch);
    for await (const batch of batches) {
      await printer.print(partition, batch);
      if (output.signal.aborted) return bar.stop();
      // On a terminal the lines themselves are what moves.
      if (!process.stdout.isTTY) bar.update(behind + (batch.at(-1)?.seq ?? 0) - place.seq);
    }
    printer.pass(partition, head);
    behind += head - place.seq;
  }
  bar.stop();
};

/** Prints what is written from now on, until something ends it. */
const followAll = async ({ printer, output }: Run): Promise<void> => {
  const { follow } = await import('../../events/follow.ts');
  const log = await (await storageOf(configOf(environment()))).readLog();
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

/** How to go on from an end that came before the end. */
const advice = (places: readonly ReplayPosition[], reason: Ended): string => {
  const same = 'To go on, give the same command';
  if (reason === 'closed') {
    // What of the pipe was read, the reader alone knows.
    return `the reader has gone. ${same} --after <position>/<n> of the last line that was read of each partition`;
  }
  const why = reason === 'limit' ? 'the limit is reached' : 'interrupted';
  const after = written(places);
  return `${why}. ${same} ${after === '' ? 'once more' : `--after ${after}`}`;
};

/** `oshi replay`: prints, and says how to go on where it ends before the end. */
export const replay = async (request: ReplayRequest): Promise<void> => {
  const { filter, after, limit, follows } = request;
  const output = standardOutput();
  const log = await (await storageOf(configOf(environment()))).readRawLog();
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
