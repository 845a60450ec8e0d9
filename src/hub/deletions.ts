import { type Aggregate, kindOf } from '../events/aggregate.ts';
import type { LoggedEvent } from '../events/commit.ts';
import type { EventLog } from '../events/log.ts';
import type { FindPosition } from './find-position.ts';

export type DeletionsOptions = {
  readonly aggregate: Aggregate;
  readonly log: Pick<EventLog, 'read'>;
  readonly findPosition: FindPosition;
};

/** The message whose text an event contains, if any. */
export const textOf = ({ k, d }: LoggedEvent): string | undefined =>
  k === 'message-posted' || k === 'message-edited' ? d.id : undefined;

/**
 * The deleted messages of an event stream, as far back as a subscription reads: their texts are not sent any more,
 * whether events come from the ring or the log (H4).
 */
export class Deletions {
  readonly #options: DeletionsOptions;
  readonly #ids = new Set<string>();
  /** All deletions after this event are known. */
  #after: number;

  /** `head`: the last event before the first that is recorded. */
  constructor(options: DeletionsOptions, head: number) {
    this.#options = options;
    this.#after = kindOf(options.aggregate) === 'stream' ? head : 0;
  }

  record({ k, d }: LoggedEvent): void {
    if (k === 'message-deleted') this.#ids.add(d.id);
  }

  /** Whether an event contains the text of a deleted message. */
  covers(event: LoggedEvent): boolean {
    const id = textOf(event);
    return id !== undefined && this.#ids.has(id);
  }

  /** Reads the deletions after an event from the log, unless they are known. */
  async loadFrom(after: number): Promise<void> {
    const upTo = this.#after;
    if (after >= upTo) return;
    const { aggregate, log, findPosition } = this.#options;
    const from = await findPosition(aggregate, after);
    for await (const { commit } of log.read(aggregate, { after, from })) {
      for (const event of commit.events) this.record(event);
      if (commit.n + commit.events.length > upTo) break;
    }
    this.#after = Math.min(this.#after, after);
  }
}
