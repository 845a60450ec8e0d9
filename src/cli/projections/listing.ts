import { builtIn } from '../../projections/read-models.ts';
import { type ProjectionStatus, statusesOf } from '../../projections/status.ts';
import { monotonic, wallClock } from '../../runtime/clock.ts';
import { sleep } from '../../runtime/timers.ts';
import type { QueryReader } from '../../store/document-reader.ts';
import { jsonLine } from '../../text/json-line.ts';
import { configuredStorage } from '../storage.ts';
import { coloursOf } from '../terminal/colours.ts';
import { openOutput, writeText } from '../terminal/output.ts';
import { Speeds } from './speeds.ts';
import { barsOf, keyOf, objectOf, textOf } from './table.ts';

type Options = { readonly watch?: boolean; readonly json?: boolean };

const everyMs = 1000;

/** Prints the status of all projections, once or every second. */
export const list = async ({ watch = false, json = false }: Options): Promise<void> => {
  openOutput();
  const reader = await openStatusReader();
  try {
    if (watch) return await (json || !process.stdout.isTTY ? printChanges(reader) : draw(reader));
    const statuses = await reader.look();
    const text = json
      ? jsonLine(statuses.map(objectOf))
      : textOf(statuses, coloursOf(process.stdout));
    await writeText(`${text}\n`);
  } finally {
    await reader.close();
  }
};

/** Passes the statuses to `act` every second, until a signal. */
const everySecond = async (
  reader: StatusReader,
  act: (statuses: readonly ProjectionStatus[]) => Promise<void> | void,
): Promise<void> => {
  const ending = new AbortController();
  const end = (): void => ending.abort();
  // Not `once`: without a listener a second signal would end the process while the terminal is drawn on.
  process.on('SIGINT', end).on('SIGTERM', end);
  const { signal } = ending;
  while (!signal.aborted) {
    await act(await reader.look());
    await sleep(everyMs, { signal }).catch(() => undefined);
  }
};

/** Prints a line of JSON for each status that has changed. */
const printChanges = (reader: StatusReader): Promise<void> => {
  const printed = new Map<string, string>();
  return everySecond(reader, async (statuses) => {
    const lines = statuses.flatMap((status) => {
      const line = jsonLine(objectOf(status));
      if (printed.get(keyOf(status)) === line) return [];
      printed.set(keyOf(status), line);
      return `${line}\n`;
    });
    if (lines.length > 0) await writeText(lines.join(''));
  });
};

const draw = async (reader: StatusReader): Promise<void> => {
  const { default: update } = await import('log-update');
  const speeds = new Speeds();
  const colours = coloursOf(process.stdout);
  try {
    await everySecond(reader, (statuses) => {
      for (const status of statuses) speeds.record(status, monotonic());
      const bars = barsOf(statuses, (status) => speeds.of(status));
      update([textOf(statuses, colours), ...bars].join('\n'));
    });
  } finally {
    update.done();
  }
};

type StatusReader = { look(): Promise<ProjectionStatus[]>; close(): Promise<void> };

/** Used before a server has created read models. */
const nothing = { page: async () => [], checkpoint: async () => 0 };

/** Opens the log and the read models for reading, beside a running server or alone. */
const openStatusReader = async (): Promise<StatusReader> => {
  const storage = await configuredStorage();
  const log = await storage.readLog();
  let reader: QueryReader | undefined;
  const { partitions } = log.info;
  return {
    async look() {
      // Reads the log last, so that nothing appears to be ahead of it.
      reader ??= await storage.readModels();
      const numbers = Array.from({ length: partitions }, (_, partition) => partition);
      const ends = numbers.map(async (at) => [at, await log.head(at)] as const);
      const heads = new Map(await Promise.all(ends));
      return statusesOf({ reader: reader ?? nothing, builtIn, heads, now: wallClock() });
    },
    async close() {
      await reader?.close();
      await log.close();
    },
  };
};
