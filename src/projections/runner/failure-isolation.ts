import { CodecError } from '../../events/codec.ts';
import { CheckpointMoved, StoreUnavailable } from '../../store/store.ts';
import { Unavailable } from '../projection.ts';
import { LogTrouble } from './log-trouble.ts';
import { asError, ProjectionError } from './projection-error.ts';
import type { Batch } from './target.ts';

/** Whether an error is transient: another service is unavailable, and nothing is wrong here. */
export const isPassing = (error: unknown): error is Error =>
  error instanceof StoreUnavailable ||
  isUnavailable(error) ||
  (error instanceof LogTrouble && !(error.cause instanceof CodecError));

/** By its name: the module of an external projection may have another copy of the class. */
const isUnavailable = (error: unknown): boolean =>
  error instanceof Error && error.name === Unavailable.name;

/**
 * Finds the projection whose writes could not be stored, by storing the batch for each alone, so that only that one
 * stops. Returns the error itself if none fails alone or the error is transient.
 */
export const isolateFailure = async (
  error: unknown,
  batch: Batch,
  active: readonly string[],
): Promise<unknown> => {
  if (isEverybodys(error)) return error;
  if (active.length === 1) return faultOf(active[0] ?? '', error);
  const faults: [collection: string, cause: unknown][] = [];
  for (const collection of active) {
    try {
      await batch.store([collection]);
    } catch (cause) {
      if (isEverybodys(cause)) return cause;
      faults.push([collection, cause]);
    }
  }
  const [first] = faults;
  // None failed alone; the next round retries.
  if (!first) return new CheckpointMoved('what could not be stored together was stored one by one');
  return faults.length === active.length ? error : faultOf(...first);
};

const isEverybodys = (error: unknown): boolean =>
  isPassing(error) || error instanceof CheckpointMoved;

const faultOf = (collection: string, cause: unknown): ProjectionError =>
  new ProjectionError(
    `the writes of projection ${collection} cannot be stored: ${asError(cause).message}; ` +
      'fix it and restart, nothing is lost',
    { collection, cause },
  );
