import type { RawLog } from '../events/raw-log.ts';
import type { Checkpoint } from './checkpoint.ts';
import { comparable, compareCheckpoint } from './checkpoint-comparison.ts';
import type { Findings } from './findings.ts';
import { type Covered, type ModelsToVerify, openModelCheck } from './models.ts';
import { type Holes, Walk } from './walk.ts';

export type VerifyOptions = {
  readonly log: RawLog;
  /** Absent: only the chains are checked. */
  readonly models?: ModelsToVerify;
  /** The checkpoints that the log must match. */
  readonly checkpoints?: readonly Checkpoint[];
  /** The public key that must have signed them, if known. */
  readonly key?: string;
  readonly findings: Findings;
  readonly onProgress: (progress: VerifyProgress) => void;
};

/** The progress: positions of the log, then documents of the read models. */
export type VerifyProgress =
  | { readonly step: 'log'; readonly done: number; readonly total: number }
  | { readonly step: 'models'; readonly done: number; readonly total: number };

/** What was checked. The faults are in the findings. */
export type Verified = {
  readonly incarnation: string;
  readonly partitions: number;
  /** Up to where the log was checked, by partition. */
  readonly positions: readonly number[];
  readonly commits: number;
  readonly events: number;
  readonly aggregates: number;
  readonly holes: Holes;
  /** The number of checkpoints that were compared with it. */
  readonly checkpoints: number;
  readonly models?: Covered;
};

const orphansIn = async (
  log: RawLog,
  heads: readonly number[],
  findings: Findings,
): Promise<void> => {
  for await (const { aggregate, n, seq } of log.orphans(heads)) {
    const message = `the index names event ${n} of ${aggregate} at position ${seq}, where there is no commit`;
    findings.add({ code: 'index', message, aggregate });
  }
};

/**
 * Checks a log, and the read models against it, up to where both were when it was called; a server may go on writing
 * them. Each fault becomes a finding; throws if the check cannot be done.
 */
export const verify = async (options: VerifyOptions): Promise<Verified> => {
  const { log, models, findings, onProgress } = options;
  // The models first: the log must contain all that they show.
  const check = models && (await openModelCheck(log, models, findings));
  const { incarnation, partitions } = log.info;
  const numbers = Array.from({ length: partitions }, (_, partition) => partition);
  const heads = await Promise.all(numbers.map((partition) => log.head(partition)));
  const total = heads.reduce((sum, head) => sum + head, 0);
  const walk = new Walk({
    log,
    findings,
    onBatch: async (partition, batch) => check?.take(partition, batch),
    onProgress: (done) => onProgress({ step: 'log', done, total }),
  });
  const { checkpoints = [], key } = options;
  const compared = comparable(checkpoints, { log, heads, key, findings });
  for (const checkpoint of compared) await compareCheckpoint(walk, checkpoint, findings);
  await walk.to(heads);
  await orphansIn(log, heads, findings);
  const documents = (await check?.total()) ?? 0;
  const covered = await check?.compare((done) =>
    onProgress({ step: 'models', done, total: documents }),
  );
  const { commits, events, heads: aggregates } = walk.check;
  return {
    incarnation,
    partitions,
    positions: heads,
    commits,
    events,
    aggregates: aggregates.size,
    holes: walk.holes,
    checkpoints: compared.length,
    ...(covered && { models: covered }),
  };
};
