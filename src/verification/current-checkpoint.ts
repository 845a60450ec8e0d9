import type { RawLog } from '../events/raw-log.ts';
import { type Checkpoint, signed } from './checkpoint.ts';
import { Findings } from './findings.ts';
import { rootOf } from './root.ts';
import type { SigningKey } from './signing-key.ts';
import { Walk } from './walk.ts';

export type CurrentCheckpointOptions = {
  readonly key: SigningKey;
  readonly now: () => number;
  readonly onProgress: (done: number, total: number) => void;
};

/** A checkpoint of a log as it is now, from reading all of it. Rejects if the log has faults. */
export const currentCheckpoint = async (
  log: RawLog,
  { key, now, onProgress }: CurrentCheckpointOptions,
): Promise<Checkpoint> => {
  const numbers = Array.from({ length: log.info.partitions }, (_, partition) => partition);
  const positions = await Promise.all(numbers.map((partition) => log.head(partition)));
  const total = positions.reduce((all, position) => all + position, 0);
  const findings = new Findings();
  const walk = new Walk({ log, findings, onProgress: (done) => onProgress(done, total) });
  await walk.to(positions);
  const [first] = findings.kept;
  if (first) throw new Error(`the log has faults, see oshi verify: ${first.message}`);
  const { heads } = walk.check;
  const { incarnation } = log.info;
  const root = await rootOf(heads);
  return signed({ incarnation, at: now(), positions, heads: heads.size, root }, key);
};
