import { InvalidArgumentError } from 'commander';
import { closest } from 'fastest-levenshtein';
import { isUuid } from '../../events/ids.ts';
import { type EventKind, isKnownKind, schemaOf } from '../../events/kinds.ts';
import { timeIn } from '../../history/moment.ts';

/** An id on the command line; each of these throws what the person who typed it should read. */
export const id = (value: string): string => {
  if (!isUuid(value)) throw new InvalidArgumentError('it must be a lower-case UUID.');
  return value;
};

/** A kind of event, added to those that were named before it. */
export const kind = (value: string, before: readonly EventKind[] = []): readonly EventKind[] => {
  if (isKnownKind(value)) return [...before, value];
  const meant = closest(value.slice(0, 64), Object.keys(schemaOf));
  throw new InvalidArgumentError(`there is no such kind of event. Did you mean ${meant}?`);
};

/** A time in ms since 1970. */
export const time = (value: string): number => {
  const at = /^\d{1,15}$/.test(value) ? Number(value) : timeIn(value);
  if (at !== undefined) return at;
  throw new InvalidArgumentError(
    'a time is 2026-03-03, 2026-03-03T14:05:00Z, 2026-03-03T14:05+01:00 (without a zone: UTC), or milliseconds since 1970.',
  );
};

/** How many lines at most. */
export const limit = (value: string): number => {
  if (/^[1-9]\d{0,14}$/.test(value)) return Number(value);
  throw new InvalidArgumentError('it must be a number from 1 on.');
};
