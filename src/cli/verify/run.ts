import { readFile } from 'node:fs/promises';
import type { Storage } from '../../engine/storage.ts';
import { LogDamaged } from '../../events/raw-log.ts';
import { StoreRefused } from '../../events/store-refused.ts';
import { builtIn } from '../../projections/read-models.ts';
import { jsonLine } from '../../text/json-line.ts';
import { type Checkpoint, checkpointIn } from '../../verification/checkpoint.ts';
import { Findings } from '../../verification/findings.ts';
import { type Verified, type VerifyProgress, verify } from '../../verification/verification.ts';
import { configuredStorage } from '../storage.ts';
import { progressBar } from '../terminal/progress-bar.ts';
import { shown } from '../terminal/shown.ts';

export type VerifyWords = {
  readonly json?: boolean;
  readonly models: boolean;
  readonly against?: string;
  readonly key?: string;
};

/** The exit code of `oshi verify` if a problem was found. */
const foundExitCode = 3;

const units = { log: 'places', models: 'documents' } as const;

/** An unreadable file or a missing stream is a finding, not a failure. */
const recordDamage = (error: unknown, findings: Findings): undefined => {
  const isDamage = error instanceof LogDamaged || (error instanceof StoreRefused && error.isDamage);
  if (!isDamage) throw error;
  findings.add({ code: 'damaged', message: error.message });
  return undefined;
};

const verifyModels = async (storage: Storage, findings: Findings, run: Run): Promise<Verified> => {
  const live = await storage.readModels().catch((error) => recordDamage(error, findings));
  if (!live) return run({});
  const projections = builtIn;
  const scratch = await storage.openScratchStore();
  const stop = (): void => void scratch.drop().finally(() => process.exit(1));
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    return await run({ models: { live, store: scratch.store, projections } });
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
    await scratch.drop();
    await live.close();
  }
};

type Run = (more: Pick<Parameters<typeof verify>[0], 'models'>) => Promise<Verified>;

/** Reads the checkpoints in a file, one per line. */
const checkpointsIn = async (path: string, findings: Findings): Promise<Checkpoint[]> => {
  const lines = (await readFile(path, 'utf8')).split('\n');
  const checkpoints = lines.flatMap((line, index) => {
    const checkpoint = checkpointIn(line);
    if (checkpoint || line.trim() === '') return checkpoint ?? [];
    const message = `line ${index + 1} of ${path} is not a checkpoint`;
    findings.add({ code: 'forged', message });
    return [];
  });
  if (checkpoints.length === 0) throw new Error(`there is no checkpoint in ${path}`);
  return checkpoints;
};

const verifyAll = async (
  options: VerifyWords,
  findings: Findings,
): Promise<Verified | undefined> => {
  const bar = progressBar();
  const onProgress = ({ step, done, total }: VerifyProgress): void =>
    bar.update(done, total, units[step]);
  try {
    const storage = await configuredStorage();
    const log = await storage.readRawLog();
    const own = await storage.newestCheckpoint(log.info.incarnation);
    const checkpoints = options.against
      ? await checkpointsIn(options.against, findings)
      : [own].filter((checkpoint) => checkpoint !== undefined);
    const key = options.key === undefined ? {} : { key: options.key };
    const shared = { log, findings, checkpoints, ...key, onProgress };
    const run: Run = (more) => verify({ ...shared, ...more });
    try {
      return options.models ? await verifyModels(storage, findings, run) : await run({});
    } finally {
      await log.close();
    }
  } catch (error) {
    return recordDamage(error, findings);
  } finally {
    bar.stop();
  }
};

const plural = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

const summaryOf = ({ models, holes, ...log }: Verified): string[] => {
  const { events, commits, aggregates, partitions, incarnation } = log;
  const lines = [
    `log ${incarnation}: ${plural(events, 'event')} in ${plural(commits, 'commit')} of ${plural(aggregates, 'aggregate')}, ${plural(partitions, 'partition')}`,
  ];
  lines.push(`checkpoints compared: ${log.checkpoints}`);
  if (models) {
    const { documents, collections, notBuilt, rebuilt } = models;
    lines.push(
      `read models: ${plural(documents, 'document')} in ${plural(collections.length, 'collection')}`,
    );
    if (notBuilt.length > 0) lines.push(`not built yet: ${notBuilt.join(', ')}`);
    if (rebuilt.length > 0)
      lines.push(`rebuilt in the meantime, not compared: ${rebuilt.join(', ')}`);
  } else lines.push('read models: not checked');
  if (holes.count > 0) {
    lines.push(
      `${plural(holes.count, 'place')} of the log without a commit, the first at ${holes.first}`,
    );
  }
  return lines;
};

const print = (verified: Verified | undefined, findings: Findings, { json }: VerifyWords): void => {
  const { counts, kept } = findings;
  const codes = Object.entries(counts);
  if (json) {
    const report = { ok: codes.length === 0, ...verified, counts, findings: kept };
    process.stdout.write(`${jsonLine(report)}\n`);
    return;
  }
  const lines = kept.map(({ code, message }) => `${code}: ${shown(message)}`);
  const all = codes.map(([code, count]) => `${count} ${code}`).join(', ');
  const end = codes.length === 0 ? 'no problems found' : `found: ${all}`;
  const said = [...lines, ...(verified ? summaryOf(verified) : []), end];
  process.stdout.write(`${said.join('\n')}\n`);
};

/** Verifies, prints the findings, and sets the exit code. */
export const runVerify = async (options: VerifyWords): Promise<void> => {
  const findings = new Findings();
  const verified = await verifyAll(options, findings);
  print(verified, findings, options);
  if (findings.kept.length > 0) process.exitCode = foundExitCode;
};
