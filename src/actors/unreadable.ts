import type { Aggregate } from '../events/aggregate.ts';
import { CodecError } from '../events/codec.ts';
import type { LoggedEvent } from '../events/commit.ts';
import { LogDamaged } from '../events/raw-log.ts';
import { StoreRefused } from '../events/store-refused.ts';
import type { Refusal } from './decision.ts';

const texts = {
  newer:
    'This holds events of a newer version of Oshi than the server runs; it can be used again when the server runs that version.',
  damaged:
    'What is stored of this is damaged; it can be used again when the operator of the server has restored it from a backup.',
};

/** The events of an aggregate cannot be read, now or later: the operator must act first. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
  /** The answer: without `retryAfter`, since a retry does not help. */
  readonly refusal: Refusal;

  constructor(why: keyof typeof texts, message: string, options?: ErrorOptions) {
    super(message, options);
    this.refusal = { refused: 'unavailable', message: texts[why] };
  }
}

/** An event that only a newer version of Oshi knows. */
export const unknownEvent = (aggregate: Aggregate, n: number, { k, v }: LoggedEvent): Unreadable =>
  new Unreadable(
    'newer',
    `${aggregate}: event ${n} is a ${k} of version ${v}, which this version of Oshi does not know; run a newer one`,
  );

/** Commits that do not follow one another. */
export const brokenChain = (aggregate: Aggregate): Unreadable =>
  new Unreadable(
    'damaged',
    `${aggregate}: the hash chain of its log is broken; restore the log from a backup`,
  );

/** The answer after a permanent failure; undefined if it may be transient. */
export const refusalOf = (error: unknown): Refusal | undefined =>
  error instanceof Unreadable ? error.refusal : undefined;

/**
 * The result of a read, which is dropped when it has settled. A permanent failure is reported and kept, so that the
 * log is not read again in vain.
 */
export const unlessLasting = async <T>(
  reading: Promise<T>,
  { onUnreadable }: { readonly onUnreadable?: (error: Error) => void },
  forget: () => void,
): Promise<T> => {
  try {
    const read = await reading;
    forget();
    return read;
  } catch (thrown) {
    const error = lasting(thrown);
    if (error instanceof Unreadable) onUnreadable?.(error);
    else forget();
    throw error;
  }
};

/** What was thrown while an aggregate was read, as `Unreadable` if reading again cannot help. */
const lasting = (thrown: unknown): unknown => {
  const isDamage =
    thrown instanceof CodecError ||
    thrown instanceof LogDamaged ||
    (thrown instanceof StoreRefused && thrown.isDamage);
  if (!isDamage) return thrown;
  return new Unreadable('damaged', thrown.message, { cause: thrown });
};
