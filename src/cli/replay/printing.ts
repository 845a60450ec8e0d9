import { decode } from '../../events/codec.ts';
import { type Commit, lastOf } from '../../events/commit.ts';
import type { Recorded } from '../../events/log.ts';
import { formatPosition } from '../../events/position.ts';
import type { RawCommit } from '../../events/raw-log.ts';
import { jsonLine } from '../../text/json-line.ts';
import type { Sieve } from './filter.ts';
import type { Output } from './output.ts';
import type { ReplayPosition } from './positions.ts';

/** Characters that are written at once. */
const pieceChars = 256 * 1024;

type ReadCommit = Pick<Recorded, 'aggregate' | 'seq' | 'commit'>;

export type PrinterOptions = {
  readonly sieve: Sieve;
  readonly output: Output;
  /** Where to resume in each partition. */
  readonly places: readonly ReplayPosition[];
  readonly limit: number;
};

/** Prints the matching events, one per line, and tracks the position in each partition. */
export class Printer {
  readonly places: ReplayPosition[];
  readonly #options: PrinterOptions;
  #left: number;

  constructor(options: PrinterOptions) {
    this.#options = options;
    this.places = [...options.places];
    this.#left = options.limit;
  }

  /** Prints commits of a partition in order, without events that were printed before. */
  async print(partition: number, batch: readonly (RawCommit | ReadCommit)[]): Promise<void> {
    const { output } = this.#options;
    let text = '';
    for (const commit of batch) {
      if (this.#left === 0) break;
      text += this.#take(partition, commit);
      if (text.length < pieceChars) continue;
      await output.write(text);
      text = '';
      if (output.signal.aborted) return;
    }
    await output.write(text);
    if (this.#left === 0) output.end('limit');
  }

  /** Advances to a position before which there are no more matching events. */
  pass(partition: number, seq: number): void {
    if (seq > (this.places[partition]?.seq ?? 0)) this.places[partition] = { seq };
  }

  #take(partition: number, read: RawCommit | ReadCommit): string {
    const before = this.places[partition];
    const { seq, aggregate } = read;
    this.places[partition] = { seq };
    if ('bytes' in read && !this.#options.sieve.mayKeep(aggregate, read.bytes)) return '';
    const position = formatPosition({ partition, seq });
    const commit = 'bytes' in read ? decoded(position, read) : read.commit;
    const head = `{"position":"${position}","of":${jsonLine(aggregate)},"n":`;
    const after = before?.seq === seq ? (before.n ?? 0) : 0;
    let lines = '';
    let n = commit.n - 1;
    for (const event of commit.events) {
      n++;
      if (n <= after || !this.#options.sieve.keeps(aggregate, event)) continue;
      lines += `${head}${n},${jsonLine(event).slice(1)}\n`;
      if (--this.#left > 0) continue;
      if (n < lastOf(commit)) this.places[partition] = { seq, n };
      break;
    }
    return lines;
  }
}

const decoded = (position: string, { bytes }: RawCommit): Commit => {
  try {
    return decode(bytes);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(
      `the commit at ${position} cannot be read: ${why}; run oshi verify for details`,
      {
        cause,
      },
    );
  }
};
