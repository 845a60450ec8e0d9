import type { Failure } from '../../store/state/runs.ts';

/**
 * One projection failed, and others can go on: it threw on an event, or its writes cannot be stored. The message
 * names the projection, the event and the remedy.
 */
export class ProjectionError extends Error {
  override readonly name = 'ProjectionError';
  /** The physical name of its collection. */
  readonly collection: string;
  /** Absent if its writes could not be stored. */
  readonly event: Failure['event'];

  constructor(
    message: string,
    about: {
      readonly collection: string;
      readonly event?: Failure['event'];
      readonly cause: unknown;
    },
  ) {
    super(message, { cause: about.cause });
    this.collection = about.collection;
    this.event = about.event;
  }
}

/** What was thrown, as an `Error`. */
export const asError = (error: unknown): Error =>
  error instanceof Error ? error : new Error(String(error), { cause: error });
