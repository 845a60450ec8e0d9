import { type Aggregate, kindOf } from '../events/aggregate.ts';
import type { LoggedEvent } from '../events/commit.ts';
import type { EventLog } from '../events/log.ts';
import type { FindPosition } from './find-position.ts';

export type DeletionsOptions = {
  readonly aggregate: Aggregate;
  readonly log: Pick<EventLog, 'read'>;
  readonly findPlace: FindPosition;
};

/** The message whose text an event carries; undefined if it carries none. */
export const textOf = ({ k, d }: LoggedEvent): string | undefined =>
  k === 'message-posted' || k === 'message-edited' ? d.id : undefined;

/**
 * The messages of an event stream that were deleted, as far back as somebody follows it from: their texts are told to
 * nobody any more, wherever they are read from (H4).
 */
export class Deletions {
  readonly #options: DeletionsOptions;
  readonly #ids = new Set<string>();
  /** All deletions after this event are known. */
  #after: number;

  /** `head`: the last event before those that are noted. */
  constructor(options: DeletionsOptions, head: number) {
    this.#options = options;
    this.#after = kindOf(options.aggregate) === 'stream' ? head : 0;
  }

  /** Takes note of an event that has just happened. */
  note({ k, d }: LoggedEvent): void {
    if (k === 'message-deleted') this.#ids.add(d.id);
  }

  /** Whether an event carries the text of a message that was deleted. */
  covers(event: LoggedEvent): boolean {
    const id = textOf(event);
    return id !== undefined && this.#ids.has(id);
  }

  /** Finds out what was deleted after an event; nothing if that is known. */
  async knowFrom(after: number): Promise<void> {
    const upTo = this.#after;
    if (after >= upTo) return;
    const { aggregate, log, findPlace } = this.#options;
    const from = await findPlace(aggregate, after);
    for await (const { commit } of log.read(aggregate, { after, from })) {
      for (const event of commit.events) this.note(event);
      if (commit.n + commit.events.length > upTo) break;
    }
    this.#after = Math.min(this.#after, after);
  }
}
