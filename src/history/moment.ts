/** A moment in the past: an event by its number, or a time in ms since 1970. */
export type Moment = { readonly n: number } | { readonly atMs: number };

/** The accepted forms of a moment, for error messages. */
export const momentForms =
  'a time such as 2026-03-03T14:00:00Z (without a zone: UTC), milliseconds since 1970, or the number of an event';

/** Numbers below are numbers of events: no time since March 1973 is below. */
const timesFrom = 1e11;

/** The latest time of a `Date`. */
const timeMax = 8.64e15;

const isoForm =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(:\d{2}(?:\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?)?$/i;

/** Parses ISO 8601 to ms since 1970. A date is its first moment; without a zone it is UTC. */
export const timeIn = (text: string): number | undefined => {
  const parts = isoForm.exec(text);
  if (!parts) return undefined;
  const [, day = '', minutes = '00:00', seconds = ':00', zone = 'Z'] = parts;
  const atMs = Date.parse(`${day}T${minutes}${seconds}${zone.toUpperCase()}`);
  // A day that does not exist in its month would be parsed as one of the next.
  const isDay = new Date(`${day}T00:00:00Z`).toJSON()?.startsWith(day);
  return isDay && Number.isFinite(atMs) ? Math.max(0, atMs) : undefined;
};

/** Parses a moment; undefined if it is malformed. */
export const momentIn = (text: string): Moment | undefined => {
  if (/^\d{1,16}$/.test(text)) {
    const number = Number(text);
    if (number > timeMax) return undefined;
    return number < timesFrom ? { n: number } : { atMs: number };
  }
  const atMs = timeIn(text);
  return atMs === undefined ? undefined : { atMs };
};
