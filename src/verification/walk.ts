import type { Recorded } from '../events/log.ts';
import type { RawCommit, RawLog } from '../events/raw-log.ts';
import { ChainCheck } from './chains.ts';
import type { Findings } from './findings.ts';

export type WalkOptions = {
  readonly log: RawLog;
  readonly findings: Findings;
  /** Called with the readable commits of each batch, in the order of the partition. */
  readonly onBatch?: (partition: number, batch: readonly Recorded[]) => Promise<void>;
  /** Called with the number of positions that were passed. */
  readonly onProgress?: (places: number) => void;
};

/** Positions that a walk has passed and that hold no commit. */
export type Holes = { readonly count: number; readonly first: string | undefined };

/** One pass through the whole log, from its beginning, that checks every commit. */
export class Walk {
  readonly check: ChainCheck;
  /** The position reached in each partition. */
  readonly positions: number[];
  #holes: Holes = { count: 0, first: undefined };
  readonly #options: WalkOptions;

  constructor(options: WalkOptions) {
    this.#options = options;
    this.check = new ChainCheck(options.log, options.findings);
    this.positions = Array.from({ length: options.log.info.partitions }, () => 0);
  }

  get holes(): Holes {
    return this.#holes;
  }

  /** Continues to these positions, one for each partition; those that were passed already are skipped. */
  async to(positions: readonly number[]): Promise<void> {
    for (const [partition, upTo] of positions.entries()) {
      const after = this.positions[partition] ?? 0;
      if (upTo <= after) continue;
      for await (const batch of this.#options.log.scan(partition, { after, upTo })) {
        await this.#take(partition, batch);
      }
      this.#skip(partition, upTo + 1);
      this.positions[partition] = upTo;
    }
  }

  async #take(partition: number, batch: readonly RawCommit[]): Promise<void> {
    const records: Recorded[] = [];
    for (const raw of batch) {
      this.#skip(partition, raw.seq);
      this.positions[partition] = raw.seq;
      const recorded = this.check.take(raw, partition);
      if (recorded) records.push(recorded);
    }
    await this.#options.onBatch?.(partition, records);
    this.#options.onProgress?.(this.positions.reduce((sum, position) => sum + position, 0));
  }

  /** Records the positions between the last commit and the next one. */
  #skip(partition: number, next: number): void {
    const first = (this.positions[partition] ?? 0) + 1;
    const count = next - first;
    if (count <= 0) return;
    const position = `${partition}:${first}`;
    const { log, findings } = this.#options;
    this.#holes = { count: this.#holes.count + count, first: this.#holes.first ?? position };
    if (!log.isDense) return;
    const places =
      count === 1 ? `position ${position}` : `positions ${position} to ${partition}:${next - 1}`;
    const message = `no commit at ${places} any more`;
    findings.add({ code: 'missing', message, position });
  }
}
