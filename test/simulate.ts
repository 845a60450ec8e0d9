import { parseArgs } from 'node:util';
import { progressBar } from '../src/cli/terminal/progress-bar.ts';
import { describeSchedule } from './simulation/schedule.ts';
import { type Simulated, simulate } from './simulation/simulating.ts';

const usage =
  'npm run test:simulate -- [--seed <number>] [--schedules <number>] [--keep <numbers>] [--no-shrink] [--json]';

const integer = (name: string, text: string): number => {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new Error(`--${name} must be a number: ${usage}`);
};

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** One line about all schedules, and what one of them has found. */
const report = ({ played, steps, accepted, ms, found }: Simulated, seconds: number): void => {
  const rate = Math.round((played / seconds) * 60);
  const virtual = (ms / 60_000).toFixed(1);
  print(
    `${played} schedules in ${seconds.toFixed(1)} s (${rate} a minute): ${virtual} min of virtual time, ${steps} steps, ${accepted} posts accepted`,
  );
  if (!found) return;
  const { outcome, schedule, kept } = found;
  print(`Seed ${schedule.seed} breaks a promise. ${outcome.violation?.message}`);
  print(describeSchedule(schedule));
  print(`Errors: ${outcome.errors.join('\n  ') || 'none'}`);
  const keep = kept.length > 0 ? kept.join(',') : 'none';
  print(`npm run test:simulate -- --seed ${schedule.seed} --schedules 1 --keep ${keep}`);
};

/** What programs read. */
const jsonOf = ({ found, ...sums }: Simulated, seconds: number): string =>
  JSON.stringify({
    ...sums,
    seconds,
    ...(found && {
      seed: found.schedule.seed,
      keep: found.kept,
      promise: found.outcome.violation?.promise,
    }),
  });

/** `npm run test:simulate`: plays schedules of whole nodes in virtual time, and says which seed breaks a promise. */
const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: '1' },
      schedules: { type: 'string', default: '1000' },
      keep: { type: 'string' },
      'no-shrink': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  const schedules = integer('schedules', values.schedules);
  const begun = performance.now();
  const bar = progressBar();
  const { keep } = values;
  const kept = keep?.split(',').filter((each) => each !== 'none');
  const simulated = await simulate({
    seed: integer('seed', values.seed),
    schedules,
    shrinks: !values['no-shrink'],
    ...(kept && { keep: kept.map((each) => integer('keep', each)) }),
    onPlayed: (played) => bar.update(played, schedules, 'schedules'),
  });
  bar.stop();
  const seconds = (performance.now() - begun) / 1000;
  if (values.json) print(jsonOf(simulated, seconds));
  else report(simulated, seconds);
  if (simulated.found) process.exitCode = 1;
};

try {
  await main();
} catch (error) {
  process.stderr.write(`simulate: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
