import { InvalidArgumentError } from 'commander';
import { closest } from 'fastest-levenshtein';
import { type EventKind, isKnownKind, schemaOf } from '../../events/kinds/kinds.ts';
import { BadFilter, kindFrom } from '../../history/filters.ts';

// Parsers of option values that are kinds of event, whose schemas only some commands load.

/** Adds a kind of event to those given before. */
export const kind = (text: string, before: readonly EventKind[] = []): readonly EventKind[] => {
  if (isKnownKind(text)) return [...before, text];
  const meant = closest(text.slice(0, 64), Object.keys(schemaOf));
  throw new InvalidArgumentError(`unknown kind of event; did you mean ${meant}?`);
};

/** A kind of event of circles and streams. */
export const circleKind = (text: string): string => {
  try {
    return kindFrom(text);
  } catch (error) {
    throw error instanceof BadFilter ? new InvalidArgumentError(error.message) : error;
  }
};
