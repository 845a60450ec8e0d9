import type { Recorded } from '../events/log.ts';
import type { RawCommit, RawLog } from '../events/raw-log.ts';
import { ChainCheck } from './chains.ts';
import type { Findings } from './findings.ts';

export type WalkOptions = {
  readonly log: RawLog;
  readonly findings: Findings;
  /** Given what can be read of each batch, in the order of the partition. */
  readonly onBatch?: (partition: number, batch: readonly Recorded[]) => Promise<void>;
  /** Told the number of places that lie behind. */
  readonly onProgress?: (places: number) => void;
};

/** Places that a walk has passed and where nothing was. */
export type Holes = { readonly count: number; readonly first: string | undefined };

/** A way through the whole log, from its beginning, that is gone once and checks every commit. */
export class Walk {
  readonly check: ChainCheck;
  /** How far it has come in each partition. */
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

  /** Goes on to these places, one for each partition; those that it has passed already are left alone. */
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

  /** Notes the places between the last commit and the next one. */
  #skip(partition: number, next: number): void {
    const first = (this.positions[partition] ?? 0) + 1;
    const count = next - first;
    if (count <= 0) return;
    const position = `${partition}:${first}`;
    const { log, findings } = this.#options;
    this.#holes = { count: this.#holes.count + count, first: this.#holes.first ?? position };
    if (!log.isDense) return;
    const places =
      count === 1 ? `place ${position}` : `places ${position} to ${partition}:${next - 1}`;
    const message = `nothing is at ${places} any more`;
    findings.add({ code: 'missing', message, position });
  }
}
