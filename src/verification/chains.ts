import { kindOf, partitionOf, partsOf } from '../events/aggregate.ts';
import { CodecError, decode, hashOf, isKnown } from '../events/codec.ts';
import { type Commit, lastOf } from '../events/commit.ts';
import { kindsOf } from '../events/kinds/kinds.ts';
import type { Recorded } from '../events/log.ts';
import { formatPosition } from '../events/position.ts';
import type { RawCommit, RawLog } from '../events/raw-log.ts';
import type { FindingCode, Findings } from './findings.ts';
import { Heads } from './heads.ts';

/** Names of aggregates are ASCII without spaces. */
const nameForm = /^[!-~]+$/;

/** The version of an aggregate after a commit that cannot be read: its next one is accepted as it is. */
const unknownVersion = -1;

/**
 * Checks every commit of a log, passed in the order of the log: it can be read, is stored where it belongs, holds
 * events that this version knows, follows the aggregate's previous commit by number and by hash, and is found by the
 * index. One fault gives one finding: later commits are compared with the ones that exist.
 */
export class ChainCheck {
  readonly heads = new Heads();
  events = 0;
  commits = 0;
  readonly #log: RawLog;
  readonly #findings: Findings;

  constructor(log: RawLog, findings: Findings) {
    this.#log = log;
    this.#findings = findings;
  }

  /** Checks the next commit of a partition; returns it if it can be read. */
  take(raw: RawCommit, partition: number): Recorded | undefined {
    this.commits++;
    const { aggregate, seq, bytes } = raw;
    const found = (code: FindingCode, message: string): void =>
      this.#findings.add({
        code,
        message,
        position: formatPosition({ partition, seq }),
        aggregate,
      });
    if (!isPlace(raw, partition, this.#log.info.partitions)) {
      found(
        'misplaced',
        `position ${partition}:${seq} belongs to "${printable(aggregate)}", which is not an aggregate of this partition`,
      );
      return undefined;
    }
    const hash = hashOf(bytes);
    const commit = read(bytes, (why) =>
      found('unreadable', `a commit of ${aggregate} at ${partition}:${seq} cannot be read: ${why}`),
    );
    if (!commit) {
      this.heads.set(aggregate, { n: unknownVersion, hash });
      return undefined;
    }
    this.events += commit.events.length;
    for (const problem of this.#problemsOf(raw, commit)) found(problem.code, problem.message);
    this.heads.set(aggregate, { n: lastOf(commit), hash });
    return { aggregate, commit, seq, hash, size: bytes.length };
  }

  *#problemsOf(raw: RawCommit, commit: Commit): Generator<{ code: FindingCode; message: string }> {
    const { aggregate } = raw;
    const unknown = commit.events.find(
      (event) => !(isKnown(event) && Object.hasOwn(kindsOf[kindOf(aggregate)], event.k)),
    );
    if (unknown) {
      const message = `event ${commit.n + commit.events.indexOf(unknown)} of ${aggregate} is "${printable(unknown.k)}" version ${unknown.v}, which this version does not know of ${kindOf(aggregate)}s`;
      yield { code: 'unknown-kind', message };
    }
    const entry = this.heads.find(aggregate);
    const before = entry < 0 ? 0 : this.heads.versionAt(entry);
    if (before !== unknownVersion && commit.n !== before + 1) {
      const behind = before === 0 ? 'at its beginning' : `behind event ${before}`;
      yield { code: 'gap', message: `${aggregate} has event ${commit.n} ${behind}` };
    } else if (before !== unknownVersion) {
      const hash = before === 0 ? '' : this.heads.hashAt(entry);
      const message = `event ${commit.n} of ${aggregate} does not have the hash of the commit before it`;
      if (commit.prev !== hash) yield { code: 'broken-chain', message };
    }
    if (!this.#log.finds(raw, commit.n)) {
      yield {
        code: 'index',
        message: `the index does not lead to event ${commit.n} of ${aggregate}`,
      };
    }
  }
}

const read = (bytes: Uint8Array, failed: (why: string) => void): Commit | undefined => {
  try {
    return decode(bytes);
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    failed(error.message);
    return undefined;
  }
};

/** Whether a commit is stored under the name of an aggregate, in the partition of that aggregate. */
const isPlace = ({ aggregate }: RawCommit, partition: number, partitions: number): boolean => {
  if (!nameForm.test(aggregate)) return false;
  try {
    const { kind } = partsOf(aggregate);
    return kind !== 'connection' && partitionOf(aggregate, partitions) === partition;
  } catch {
    return false;
  }
};

/** Any text, cut and without control characters. */
const printable = (text: string): string => JSON.stringify(text.slice(0, 100)).slice(1, -1);
