/** A moment in the past: an event by its number, or a time in ms since 1970. */
export type Moment = { readonly n: number } | { readonly atMs: number };

/** What a moment may look like, for who wrote it otherwise. */
export const momentForms =
  'a time such as 2026-03-03T14:00:00Z (without a zone: UTC), milliseconds since 1970, or the number of an event';

/** Numbers below are events: no time since March 1973 is written so. */
const timesFrom = 1e11;

/** The last that a `Date` can be. */
const timeMax = 8.64e15;

const isoForm =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(:\d{2}(?:\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?)?$/i;

/** A time as ISO 8601 has it, in ms since 1970; a day is its first moment, and what names no zone is in UTC. */
export const timeIn = (text: string): number | undefined => {
  const parts = isoForm.exec(text);
  if (!parts) return undefined;
  const [, day = '', minutes = '00:00', seconds = ':00', zone = 'Z'] = parts;
  const atMs = Date.parse(`${day}T${minutes}${seconds}${zone.toUpperCase()}`);
  // A day that its month does not have would be read as one of the next.
  const isDay = new Date(`${day}T00:00:00Z`).toJSON()?.startsWith(day);
  return isDay && Number.isFinite(atMs) ? Math.max(0, atMs) : undefined;
};

/** The moment that a text names; undefined if it names none. */
export const momentIn = (text: string): Moment | undefined => {
  if (/^\d{1,16}$/.test(text)) {
    const number = Number(text);
    if (number > timeMax) return undefined;
    return number < timesFrom ? { n: number } : { atMs: number };
  }
  const atMs = timeIn(text);
  return atMs === undefined ? undefined : { atMs };
};
