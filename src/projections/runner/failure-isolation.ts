import { CodecError } from '../../events/codec.ts';
import { CheckpointMoved, StoreUnavailable } from '../../store/store.ts';
import { Unavailable } from '../projection.ts';
import { LogTrouble } from './log-trouble.ts';
import { asError, ProjectionError } from './projection-error.ts';
import type { Batch } from './target.ts';

/** Whether it is worth trying again: somebody else is away, and nothing is wrong with what is here. */
export const isPassing = (error: unknown): error is Error =>
  error instanceof StoreUnavailable ||
  isUnavailable(error) ||
  (error instanceof LogTrouble && !(error.cause instanceof CodecError));

/** By its name: the module of an external projection may have come by another copy of the class. */
const isUnavailable = (error: unknown): boolean =>
  error instanceof Error && error.name === Unavailable.name;

/**
 * Finds out whose fault it is that a portion could not be stored, by storing it for each member alone: one that
 * cannot be stored stops, and not all of them. Gives the error as it is if it is nobody's or passes by itself.
 */
export const isolateFailure = async (
  error: unknown,
  portion: Batch,
  active: readonly string[],
): Promise<unknown> => {
  if (isEverybodys(error)) return error;
  if (active.length === 1) return faultOf(active[0] ?? '', error);
  const faults: [collection: string, cause: unknown][] = [];
  for (const collection of active) {
    try {
      await portion.store([collection]);
    } catch (cause) {
      if (isEverybodys(cause)) return cause;
      faults.push([collection, cause]);
    }
  }
  const [first] = faults;
  // If none failed alone it passed; another round tells.
  if (!first) return new CheckpointMoved('what could not be stored together was stored one by one');
  return faults.length === active.length ? error : faultOf(...first);
};

const isEverybodys = (error: unknown): boolean =>
  isPassing(error) || error instanceof CheckpointMoved;

const faultOf = (collection: string, cause: unknown): ProjectionError =>
  new ProjectionError(
    `what the projection ${collection} makes of the log cannot be stored: ${asError(cause).message}; ` +
      'fix it and restart, nothing is lost',
    { collection, cause },
  );
