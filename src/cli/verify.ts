import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { type Checkpoint, checkpointIn } from '../audit/checkpoint.ts';
import { Findings } from '../audit/findings.ts';
import { type Verified, type VerifyProgress, verify } from '../audit/verification.ts';
import { type Config, configOf, environment } from '../config.ts';
import { StoreRefused } from '../events/lmdb/refusal.ts';
import { collectionOf } from '../projections/projection.ts';
import { builtIn } from '../projections/read-models.ts';
import { newestCheckpoint, openRawLog, openReadModels, openScratchStore } from './kept-data.ts';
import { progressBar } from './progress-bar.ts';

type Options = {
  readonly json?: boolean;
  readonly models: boolean;
  readonly against?: string;
  readonly key?: string;
};

/** How `oshi verify` ends when something is not as it should be. */
export const foundExitCode = 3;

/** Shows the two steps of a verification on a terminal. */
const progress = () => {
  let bar: ReturnType<typeof progressBar> | undefined;
  return {
    update(at: VerifyProgress): void {
      if (at.step !== 'log') return;
      bar ??= progressBar(at.total, 'places');
      bar.update(at.done);
    },
    stop: (): void => bar?.stop(),
  };
};

/** A file that cannot be read any more is what one wants to know. */
const noteDamage = (error: unknown, findings: Findings): undefined => {
  if (!(error instanceof StoreRefused && error.isDamage)) throw error;
  findings.add({ code: 'damaged', message: error.message });
  return undefined;
};

const verifyModels = async (config: Config, findings: Findings, run: Run): Promise<Verified> => {
  const live = await openReadModels(config).catch((error) => noteDamage(error, findings));
  if (!live) return run({});
  const projections = builtIn;
  const scratch = await openScratchStore(config);
  const drop = (): Promise<void> => scratch.drop(projections.map(collectionOf));
  const stop = (): void => void drop().finally(() => process.exit(1));
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    return await run({ models: { live, store: scratch.store, projections } });
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
    await drop();
    await live.close();
  }
};

type Run = (more: Pick<Parameters<typeof verify>[0], 'models'>) => Promise<Verified>;

/** The checkpoints in a file, one a line. */
const checkpointsIn = async (path: string, findings: Findings): Promise<Checkpoint[]> => {
  const lines = (await readFile(path, 'utf8')).split('\n');
  const checkpoints = lines.flatMap((line, index) => {
    const checkpoint = checkpointIn(line);
    if (checkpoint || line.trim() === '') return checkpoint ?? [];
    const message = `line ${index + 1} of ${path} is no checkpoint`;
    findings.add({ code: 'forged', message });
    return [];
  });
  if (checkpoints.length === 0) throw new Error(`there is no checkpoint in ${path}`);
  return checkpoints;
};

const verifyAll = async (options: Options, findings: Findings): Promise<Verified | undefined> => {
  const config = configOf(environment());
  const bar = progress();
  try {
    const { it: log, close } = await openRawLog(config);
    const own = await newestCheckpoint(config, log.info.incarnation);
    const checkpoints = options.against
      ? await checkpointsIn(options.against, findings)
      : [own].filter((checkpoint) => checkpoint !== undefined);
    const key = options.key === undefined ? {} : { key: options.key };
    const shared = { log, findings, checkpoints, ...key, onProgress: bar.update };
    const run: Run = (more) => verify({ ...shared, ...more });
    try {
      return options.models ? await verifyModels(config, findings, run) : await run({});
    } finally {
      await close();
    }
  } catch (error) {
    return noteDamage(error, findings);
  } finally {
    bar.stop();
  }
};

const plural = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

/** What was looked at, for people. */
const summaryOf = ({ models, holes, ...log }: Verified): string[] => {
  const { events, commits, aggregates, partitions, incarnation } = log;
  const lines = [
    `log ${incarnation}: ${plural(events, 'event')} in ${plural(commits, 'commit')} of ${plural(aggregates, 'aggregate')}, ${plural(partitions, 'partition')}`,
  ];
  lines.push(`checkpoints compared: ${log.checkpoints}`);
  if (models) {
    const { documents, collections, notBuilt } = models;
    lines.push(
      `read models: ${plural(documents, 'document')} in ${plural(collections.length, 'collection')}`,
    );
    if (notBuilt.length > 0) lines.push(`not built yet: ${notBuilt.join(', ')}`);
  } else lines.push('read models: not looked at');
  if (holes.count > 0) {
    lines.push(
      `${plural(holes.count, 'place')} of the log without a commit, the first at ${holes.first}`,
    );
  }
  return lines;
};

const print = (verified: Verified | undefined, findings: Findings, { json }: Options): void => {
  const { counts, kept } = findings;
  const codes = Object.entries(counts);
  if (json) {
    const report = { ok: codes.length === 0, ...verified, counts, findings: kept };
    process.stdout.write(`${JSON.stringify(report)}\n`);
    return;
  }
  const lines = kept.map(({ code, message }) => `${code}: ${message}`);
  const all = codes.map(([code, count]) => `${count} ${code}`).join(', ');
  const end = codes.length === 0 ? 'nothing is wrong' : `found: ${all}`;
  const said = [...lines, ...(verified ? summaryOf(verified) : []), end];
  process.stdout.write(`${said.join('\n')}\n`);
};

const run = async (options: Options): Promise<void> => {
  const findings = new Findings();
  const verified = await verifyAll(options, findings);
  print(verified, findings, options);
  if (findings.kept.length > 0) process.exitCode = foundExitCode;
};

/** `oshi verify`: whether the log is whole, and the read models are what it makes of them. */
export const verifyCommand = (): Command =>
  new Command('verify')
    .description('check the log for changes, and the read models against it')
    .option('--json', 'print one JSON object')
    .option('--no-models', 'leave the read models out')
    .option('--against <file>', 'compare the log with checkpoints that were kept elsewhere')
    .option('--key <key>', 'the public key by which the checkpoints must be signed')
    .addHelpText(
      'after',
      `
Without --against, the log is compared with the last checkpoint that the server has kept itself.
Reads beside a server that runs, or without one, and changes nothing; docs/verify.md says what it proves.

Exit codes: 0 nothing is wrong; 1 it could not be done, as the last line says; 2 the command line was not
understood; 3 something was found, which is printed.`,
    )
    .action(run);
