import type { Aggregate } from '../../../src/events/aggregate.ts';
import type { EventLog } from '../../../src/events/log.ts';

/** A log that holds nothing yet, and what an engine must be able to do with it. */
export type OpenedLog = {
  readonly log: EventLog;
  /** Closes the log and opens it again; `log` is then of no use. */
  reopen(): Promise<EventLog>;
  /**
   * Puts bytes into the log as the first commit of an aggregate, as another version of Oshi would have, and opens
   * it again.
   */
  plant(aggregate: Aggregate, bytes: Uint8Array): Promise<EventLog>;
  /** Closes what is open and forgets the data. */
  dispose(): Promise<void>;
};

/** Gives the log of the running test. */
export type Current = () => OpenedLog;
