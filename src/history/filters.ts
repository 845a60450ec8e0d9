import { closest } from 'fastest-levenshtein';
import { clockBackMs } from '../events/clock-steps.ts';
import { eventKey } from '../events/event-key.ts';
import { isUuid } from '../events/ids.ts';
import { circleKinds } from '../events/kinds/circle.ts';
import { isKnownKind } from '../events/kinds/kinds.ts';
import { streamKinds } from '../events/kinds/stream.ts';
import type { EventLog } from '../events/log.ts';
import type { Position } from '../events/position.ts';
import type {
  TrailBounds,
  TrailFilter,
  TrailQueries,
} from '../projections/models/trail-queries.ts';
import { timeIn } from './moment.ts';

/** Selects events of circles that match all given fields. */
export type AuditFilter = TrailFilter & {
  /** Only events after the commit at this position. */
  readonly after?: Position;
};

/** A filter as received, not parsed yet. */
export type WrittenFilter = { readonly [Field in FilterField]?: string | undefined };

export const filterFields = ['stream', 'user', 'kind', 'by', 'since', 'until', 'after'] as const;
type FilterField = (typeof filterFields)[number];

/** An invalid filter; the message says what is expected. */
export class BadFilter extends Error {
  override readonly name = 'BadFilter';
  readonly field: string;

  constructor(field: string, message: string) {
    super(message);
    this.field = field;
  }
}

/** The kinds of events of circles. */
const kinds: readonly string[] = Object.keys({ ...circleKinds, ...streamKinds });

const id =
  (field: FilterField) =>
  (text: string): string => {
    if (isUuid(text)) return text;
    throw new BadFilter(field, `${field} must be an id, a lower-case UUID`);
  };

/** Parses a kind of event of a circle or stream. Throws `BadFilter`. */
export const kindFrom = (text: string): string => {
  if (kinds.includes(text)) return text;
  if (isKnownKind(text)) {
    throw new BadFilter(
      'kind',
      `${text} is not a kind of event of circles; use oshi replay for such events`,
    );
  }
  const meant = closest(text.slice(0, 64), kinds);
  throw new BadFilter('kind', `unknown kind of event; did you mean ${meant}?`);
};

const time =
  (field: FilterField) =>
  (text: string): number => {
    const at = /^\d{1,15}$/.test(text) ? Number(text) : timeIn(text);
    if (at !== undefined) return at;
    throw new BadFilter(
      field,
      `${field} must be a time: 2026-03-03, 2026-03-03T14:05:00Z, 2026-03-03T14:05+01:00 (without a zone: UTC), or milliseconds since 1970`,
    );
  };

const positionFrom = (text: string): Position => {
  const [, partition, seq] = /^(\d{1,4}):(\d{1,13})$/.exec(text) ?? [];
  if (partition !== undefined && seq !== undefined) {
    return { partition: Number(partition), seq: Number(seq) };
  }
  throw new BadFilter('after', 'after must be a position, <partition>:<seq>, such as 0:1234');
};

const readers = {
  stream: id('stream'),
  user: id('user'),
  kind: kindFrom,
  by: id('by'),
  since: time('since'),
  until: time('until'),
  after: positionFrom,
};

/** Parses a filter of HTTP or the command line. Throws `BadFilter`. */
export const filterFrom = (written: WrittenFilter): AuditFilter => {
  const read = filterFields.flatMap((field) => {
    const text = written[field];
    return text === undefined ? [] : [[field, readers[field](text)] as const];
  });
  const filter: AuditFilter = Object.fromEntries(read);
  const { since, until } = filter;
  if (since !== undefined && until !== undefined && since > until) {
    throw new BadFilter('until', 'until must not be before since');
  }
  return filter;
};

/**
 * The range of a circle's trail that contains all matching events; undefined if there can be none. `partition`: the
 * circle's own; a position of another one throws `BadFilter`.
 */
export const rangeFor = async (
  {
    trail,
    log,
  }: {
    readonly trail: Pick<TrailQueries, 'placeAt'>;
    readonly log: Pick<EventLog, 'head' | 'at'>;
  },
  { circle, partition }: { readonly circle: string; readonly partition: number },
  { since, until, after }: AuditFilter,
): Promise<TrailBounds | undefined> => {
  if (after !== undefined && after.partition !== partition) {
    const own = `the events of this circle have positions ${partition}:…`;
    throw new BadFilter('after', `after is a position of another partition: ${own}`);
  }
  const hasTimes = since !== undefined || until !== undefined;
  const back = hasTimes ? await clockBackMs(log, partition) : 0;
  const [begin, end] = await Promise.all([
    since === undefined ? -1 : trail.placeAt(circle, since - back - 1),
    until === undefined ? undefined : trail.placeAt(circle, until + back),
  ]);
  const from = Math.max(begin + 1, after === undefined ? 0 : eventKey(after.seq + 1, 0));
  if (end === undefined) return { from };
  return end < from || end === 0 ? undefined : { from, until: end };
};
