import { type Aggregate, partitionOf } from '../events/aggregate.ts';
import { AppendFailure, type EventLog } from '../events/log.ts';

export type WriterLog = Pick<EventLog, 'info' | 'append' | 'tail' | 'read'>;

/** The append was not sent: the partition is not assigned to this node, or its writer is of an earlier term. */
export class Unassigned extends AppendFailure {
  constructor(partition: number) {
    super('unavailable', `partition ${partition} is not assigned to this node, or was since`);
  }
}

/** The term of commits where no other node ever writes. */
const firstTerm = 1;

/**
 * Which partitions this node writes, and in which term: all of them in term 1 if it is the only node. A partition is
 * revoked in two steps: `refuse` turns new commands away, `fence` makes every further append fail, so that no writer
 * that is still at work can pass it.
 */
export class Assignment {
  /** The log for writers: appends to a fenced partition, or of an earlier term, fail with `Unassigned`. */
  readonly log: WriterLog;
  readonly #refused = new Set<number>();
  readonly #fenced = new Set<number>();
  readonly #terms = new Map<number, number>();
  readonly #appending = new Map<Promise<unknown>, number>();

  /** `isAssigned`: whether all partitions are assigned at first; default: yes. */
  constructor(log: EventLog, isAssigned = true) {
    if (!isAssigned) {
      for (let partition = 0; partition < log.info.partitions; partition++) {
        this.#refused.add(partition);
        this.#fenced.add(partition);
      }
    }
    this.log = {
      info: log.info,
      append: (aggregate, commit, after) => {
        const partition = this.partitionOf(aggregate);
        const isEarlier = commit.term < (this.#terms.get(partition) ?? firstTerm);
        if (isEarlier || this.#fenced.has(partition)) {
          return Promise.reject(new Unassigned(partition));
        }
        const appending = log.append(aggregate, commit, after);
        this.#appending.set(appending, partition);
        return appending.finally(() => this.#appending.delete(appending));
      },
      tail: (aggregate) => log.tail(aggregate),
      read: (aggregate, options) => log.read(aggregate, options),
    };
  }

  partitionOf(aggregate: Aggregate): number {
    return partitionOf(aggregate, this.log.info.partitions);
  }

  accepts(aggregate: Aggregate): boolean {
    return this.#refused.size === 0 || !this.#refused.has(this.partitionOf(aggregate));
  }

  /** The term of the writers of an aggregate. */
  termOf(aggregate: Aggregate): number {
    return this.#terms.get(this.partitionOf(aggregate)) ?? firstTerm;
  }

  refuse(partition: number): void {
    this.#refused.add(partition);
  }

  /** Resolves when the appends in flight have settled. */
  async fence(partition: number): Promise<void> {
    this.#fenced.add(partition);
    const appending = [...this.#appending].filter(([, of]) => of === partition);
    await Promise.allSettled(appending.map(([append]) => append));
  }

  assign(partition: number, term = firstTerm): void {
    this.#terms.set(partition, term);
    this.#fenced.delete(partition);
    this.#refused.delete(partition);
  }
}
