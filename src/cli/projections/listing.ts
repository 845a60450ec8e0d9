import { once } from 'node:events';
import { configOf, environment } from '../../config.ts';
import type { ProjectionStatus } from '../../projections/status.ts';
import { monotonic } from '../../runtime/clock.ts';
import { sleep } from '../../runtime/timers.ts';
import { jsonLine } from '../../text/json-line.ts';
import { coloursOf } from '../terminal/colours.ts';
import { Speeds } from './speeds.ts';
import { openStatusReader, type StatusReader } from './status-reader.ts';
import { barsOf, keyOf, objectOf, textOf } from './table.ts';

type Options = { readonly watch?: boolean; readonly json?: boolean };

const everyMs = 1000;

const write = async (text: string): Promise<void> => {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
};

/** Prints how all projections stand, once or every second. */
export const list = async ({ watch = false, json = false }: Options): Promise<void> => {
  // A reader such as `head` that has seen enough closes the pipe: that is no error.
  process.stdout.on('error', () => process.exit(0));
  const lookout = await openStatusReader(configOf(environment()));
  try {
    if (watch) return await (json || !process.stdout.isTTY ? tell(lookout) : draw(lookout));
    const standings = await lookout.look();
    const text = json
      ? jsonLine(standings.map(objectOf))
      : textOf(standings, coloursOf(process.stdout));
    await write(`${text}\n`);
  } finally {
    await lookout.close();
  }
};

/** What is given to `act` every second, until a signal ends it. */
const everySecond = async (
  lookout: StatusReader,
  act: (standings: readonly ProjectionStatus[]) => Promise<void> | void,
): Promise<void> => {
  const ending = new AbortController();
  const end = (): void => ending.abort();
  // Not `once`: whoever finds no listener left ends the process, and the terminal is drawn on to the end.
  process.on('SIGINT', end).on('SIGTERM', end);
  const { signal } = ending;
  while (!signal.aborted) {
    await act(await lookout.look());
    await sleep(everyMs, { signal }).catch(() => undefined);
  }
};

/** A line of JSON for each one that has changed. */
const tell = (lookout: StatusReader): Promise<void> => {
  const told = new Map<string, string>();
  return everySecond(lookout, async (standings) => {
    const lines = standings.flatMap((standing) => {
      const line = jsonLine(objectOf(standing));
      if (told.get(keyOf(standing)) === line) return [];
      told.set(keyOf(standing), line);
      return `${line}\n`;
    });
    if (lines.length > 0) await write(lines.join(''));
  });
};

const draw = async (lookout: StatusReader): Promise<void> => {
  const { default: update } = await import('log-update');
  const speeds = new Speeds();
  const colours = coloursOf(process.stdout);
  try {
    await everySecond(lookout, (standings) => {
      for (const standing of standings) speeds.note(standing, monotonic());
      const bars = barsOf(standings, (standing) => speeds.of(standing));
      update([textOf(standings, colours), ...bars].join('\n'));
    });
  } finally {
    update.done();
  }
};
