import type { RawLog } from '../events/raw-log.ts';
import { type Checkpoint, isSigned } from './checkpoint.ts';
import type { FindingCode, Findings } from './findings.ts';
import { rootOf } from './root.ts';
import type { Walk } from './walk.ts';

const labelOf = ({ at }: Checkpoint): string => `the checkpoint of ${new Date(at).toISOString()}`;

type Check = {
  readonly log: RawLog;
  /** The positions up to which the log is checked. */
  readonly heads: readonly number[];
  /** The public key that must have signed all; absent: that of the first. */
  readonly key?: string | undefined;
  readonly findings: Findings;
};

/**
 * The checkpoints that can be compared with the log, oldest first. An invalid signature, a checkpoint of another log,
 * or one past the end of the log is a finding instead.
 */
export const comparable = (checkpoints: readonly Checkpoint[], check: Check): Checkpoint[] => {
  const { log, heads, findings } = check;
  const key = check.key ?? checkpoints[0]?.key;
  const problemOf = (checkpoint: Checkpoint): readonly [FindingCode, string] | undefined => {
    const { incarnation, positions } = checkpoint;
    if (!isSigned(checkpoint)) return ['forged', 'does not bear its signature'];
    if (checkpoint.key !== key) return ['forged', `is signed by another key, ${checkpoint.key}`];
    if (incarnation !== log.info.incarnation) return ['other-log', `is of the log ${incarnation}`];
    if (positions.length !== heads.length)
      return ['other-log', 'is of a log with other partitions'];
    const cut = positions.findIndex((position, partition) => position > (heads[partition] ?? 0));
    if (cut < 0) return undefined;
    return [
      'cut-off',
      `reaches to place ${cut}:${positions[cut]}, but the log ends at ${cut}:${heads[cut]}`,
    ];
  };
  return checkpoints
    .filter((checkpoint) => {
      const problem = problemOf(checkpoint);
      if (problem)
        findings.add({ code: problem[0], message: `${labelOf(checkpoint)} ${problem[1]}` });
      return !problem;
    })
    .sort((one, other) => sum(one.positions) - sum(other.positions));
};

const sum = (numbers: readonly number[]): number => numbers.reduce((all, each) => all + each, 0);

/** Checks the log up to the checkpoint, and compares the two there. */
export const compareCheckpoint = async (
  walk: Walk,
  checkpoint: Checkpoint,
  findings: Findings,
): Promise<void> => {
  await walk.to(checkpoint.positions);
  const problem = await problemAt(walk, checkpoint);
  if (problem) findings.add({ code: 'rewritten', message: `${labelOf(checkpoint)} ${problem}` });
};

const problemAt = async (
  { positions, check }: Walk,
  checkpoint: Checkpoint,
): Promise<string | undefined> => {
  const { heads } = check;
  if (positions.some((at, partition) => at > (checkpoint.positions[partition] ?? 0))) {
    return 'does not follow the one before it';
  }
  if (heads.size !== checkpoint.heads) {
    return `counts ${checkpoint.heads} aggregates, but the log has ${heads.size} at its positions`;
  }
  if ((await rootOf(heads)) === checkpoint.root) return undefined;
  return 'has another root than the log at its positions: the log was rewritten';
};
