import { InvalidArgumentError } from 'commander';
import { isUuid } from '../../events/ids.ts';
import { timeIn } from '../../history/moment.ts';

// Parsers of option values. Each throws an error for the user.

export const id = (text: string): string => {
  if (isUuid(text)) return text;
  throw new InvalidArgumentError('must be an id, a lower-case UUID.');
};

/** A time in ms since 1970. */
export const time = (text: string): number => {
  const at = /^\d{1,15}$/.test(text) ? Number(text) : timeIn(text);
  if (at !== undefined) return at;
  throw new InvalidArgumentError(
    'must be a time: 2026-03-03, 2026-03-03T14:05:00Z, 2026-03-03T14:05+01:00 (without a zone: UTC), or milliseconds since 1970.',
  );
};

/** A maximum number of lines, rows or messages. */
export const limit = (text: string): number => {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('must be a number from 1 to 999999999.');
};
