import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { Command, Option } from 'commander';
import { append } from './scenarios/append.ts';
import { audit } from './scenarios/audit.ts';
import { connect } from './scenarios/connect.ts';
import { fanout } from './scenarios/fanout.ts';
import { history } from './scenarios/history.ts';
import { overload } from './scenarios/overload.ts';
import { post } from './scenarios/post.ts';
import { presence } from './scenarios/presence.ts';
import { project } from './scenarios/project.ts';
import { quiet } from './scenarios/quiet.ts';
import { reconnect } from './scenarios/reconnect.ts';
import { scale } from './scenarios/scale/scale.ts';
import { unread } from './scenarios/unread.ts';
import { curveTable } from './stage/curve.ts';
import { type Figure, table } from './stage/figures.ts';
import { type EngineName, freshPlace, type Place } from './stage/oshi.ts';
import { type Result, reportOf } from './stage/report.ts';

type Measured = Pick<Result, 'figures' | 'curve'>;

const scenarios: Readonly<
  Record<
    string,
    (place: Place, options: { events: number; share: number }) => Promise<Figure[] | Measured>
  >
> = {
  append,
  post,
  fanout,
  connect,
  project,
  presence,
  quiet,
  reconnect,
  overload,
  unread,
  history,
  audit,
  ...scale,
};

/** Those that take long run only if they are named; `scale` names all of them. */
const inFull = Object.keys(scenarios).filter((name) => !(name in scale));

const named = (names: readonly string[]): string[] =>
  names.length === 0
    ? inFull
    : names.flatMap((name) => (name === 'scale' ? Object.keys(scale) : [name]));

type Options = {
  readonly engine: EngineName | 'both';
  readonly json?: true;
  readonly html?: string;
  readonly events: number;
  readonly share: number;
};

const measure = async (
  scenario: string,
  { engine, events, share }: { engine: EngineName; events: number; share: number },
): Promise<Result> => {
  const place = await freshPlace(engine);
  try {
    const run = scenarios[scenario];
    const measured = run ? await run(place, { events, share }) : [];
    return { scenario, engine, ...('figures' in measured ? measured : { figures: measured }) };
  } finally {
    await place.remove();
  }
};

const textOf = ({ scenario, engine, figures, curve }: Result): string =>
  `${table(`${scenario}, ${engine}`, figures)}\n${curve ? `${curveTable(curve)}\n` : ''}`;

const run = async (
  names: readonly string[],
  { engine, json, html, events, share }: Options,
): Promise<void> => {
  const engines: EngineName[] = engine === 'both' ? ['embedded', 'cluster'] : [engine];
  const results: Result[] = [];
  for (const scenario of named(names)) {
    if (!scenarios[scenario]) {
      throw new Error(
        `no scenario "${scenario}"; there are ${[...Object.keys(scenarios), 'scale'].join(', ')}`,
      );
    }
    for (const each of engines) {
      process.stderr.write(`${scenario}, ${each} …\n`);
      const result = await measure(scenario, { engine: each, events, share });
      results.push(result);
      if (!json) process.stdout.write(textOf(result));
    }
  }
  if (html !== undefined) {
    const [{ model = 'unknown' } = {}] = cpus();
    const about = `${new Date().toISOString().slice(0, 16)}Z, ${cpus().length} × ${model}, Node.js ${process.versions.node}.`;
    await writeFile(html, reportOf(results, about));
  }
  if (json) process.stdout.write(`${JSON.stringify(results, null, 2)}\n`);
};

try {
  await new Command('bench')
    .description(
      'Measures Oshi beside what it stands on, in the same minute. The load stays on loopback.',
    )
    .argument(
      '[scenario...]',
      `${Object.keys(scenarios).join(', ')}; or scale, which is all scale-…`,
    )
    .addOption(
      new Option('--engine <engine>', 'which')
        .choices(['embedded', 'cluster', 'both'])
        .default('both'),
    )
    .option(
      '--events <number>',
      'of the history that `history` and `audit` look at',
      Number,
      100_000,
    )
    .option('--share <number>', 'of the sizes of `scale`, such as 0.01', Number, 1)
    .option('--json', 'print JSON')
    .option('--html <file>', 'also write a page with plots')
    .action(run)
    .parseAsync();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  // A server that still runs would keep this process; it ends with it.
  process.exit(1);
}
