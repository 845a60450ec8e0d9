import {
  type Aggregate,
  circleAggregate,
  streamAggregate,
  userAggregate,
} from '../../src/events/aggregate.ts';
import type { Commit, LoggedEvent } from '../../src/events/commit.ts';
import { type CircleId, type StreamId, type UserId, uuid7 } from '../../src/events/ids.ts';
import { event } from '../../src/events/kinds/kinds.ts';
import {
  AppendFailure,
  type EventLog,
  emptyTail,
  type Recorded,
  type Tail,
} from '../../src/events/log.ts';

/** A person's id, fresh. */
export const aUser = (): UserId => uuid7() as UserId;

/** An aggregate that nobody has written yet. */
export const aUserAggregate = (): Aggregate => userAggregate(aUser());
export const aCircleAggregate = (): Aggregate => circleAggregate(uuid7() as CircleId);
export const aStreamAggregate = (circle = uuid7()): Aggregate =>
  streamAggregate(circle as CircleId, uuid7() as StreamId);

/** A message as the log holds it. */
export const posted = (text = 'hello', at = 1_700_000_000_000): LoggedEvent => ({
  ...event('message-posted', { id: uuid7(at), m: 1, text, mentions: [] }),
  at,
  by: uuid7(at),
});

/** Several messages, numbered in their texts. */
export const messages = (count: number): LoggedEvent[] =>
  Array.from({ length: count }, (_, index) => posted(`message ${index + 1}`));

/** A valid commit that follows a tail. */
export const commitAfter = (tail: Tail, events: readonly LoggedEvent[] = [posted()]): Commit => ({
  id: uuid7(),
  n: tail.n + 1,
  prev: tail.hash,
  term: 1,
  events,
});

/** The one writer of an aggregate, which knows its tail. */
export class Writer {
  readonly aggregate: Aggregate;
  readonly #log: EventLog;
  tail: Tail = emptyTail;

  constructor(log: EventLog, aggregate: Aggregate = aStreamAggregate()) {
    this.#log = log;
    this.aggregate = aggregate;
  }

  /** Appends one commit and resolves with it once it is acknowledged. */
  async append(events: readonly LoggedEvent[] = [posted()]): Promise<Commit> {
    const commit = commitAfter(this.tail, events);
    this.tail = await this.#log.append(this.aggregate, commit, this.tail);
    return commit;
  }
}

const collected = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
};

/** Everything that `read` gives. */
export const readAll = (
  log: EventLog,
  ...[aggregate, options]: Parameters<EventLog['read']>
): Promise<Recorded[]> => collected(log.read(aggregate, options));

/** The batches that `scan` gives. */
export const scanBatches = (
  log: EventLog,
  ...[partition, options]: Parameters<EventLog['scan']>
): Promise<(readonly Recorded[])[]> => collected(log.scan(partition, options));

/** Everything that all partitions hold, one after the other. */
export const everything = async (log: EventLog): Promise<Recorded[]> => {
  const all: Recorded[] = [];
  for (let partition = 0; partition < log.info.partitions; partition++) {
    all.push(...(await scanBatches(log, partition)).flat());
  }
  return all;
};

/** Why an append was refused; `appended` if it was not. */
export const reasonOf = (appending: Promise<unknown>): Promise<string> =>
  appending.then(
    () => 'appended',
    (error: unknown) =>
      error instanceof AppendFailure ? error.reason : `no AppendFailure: ${String(error)}`,
  );
