import { parseArgs } from 'node:util';
import { progressBar } from '../src/cli/terminal/progress-bar.ts';
import { configOf, environment } from '../src/config.ts';
import { eventsMin, history } from './seed/history.ts';
import { openEmptyLog } from './seed/log.ts';
import { write } from './seed/writing.ts';

const usage = 'npm run seed -- --events <number> [--seed <number>]';

const integerOf = (name: string, text = '', min = 0): number => {
  if (/^\d{1,10}$/.test(text) && Number(text) >= min) return Number(text);
  throw new Error(`--${name} must be a number from ${min} on: ${usage}`);
};

/** `npm run seed`: fills the empty log that the environment names with a made-up history. */
const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: { events: { type: 'string' }, seed: { type: 'string', default: '1' } },
  });
  const options = {
    events: integerOf('events', values.events, eventsMin),
    seed: integerOf('seed', values.seed),
  };
  const { log, close } = await openEmptyLog(configOf(environment()));
  const begun = performance.now();
  const bar = progressBar();
  try {
    const events = await write(log, history(options), (count) =>
      bar.update(count, options.events, 'events'),
    );
    bar.stop();
    const seconds = (performance.now() - begun) / 1000;
    const rate = Math.round(events / seconds);
    process.stdout.write(
      `${events} events in ${seconds.toFixed(1)} s, ${rate}/s, seed ${options.seed}\n`,
    );
  } finally {
    bar.stop();
    await close();
  }
};

try {
  await main();
} catch (error) {
  process.stderr.write(`seed: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
