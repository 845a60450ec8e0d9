import type { Aggregate } from '../../events/aggregate.ts';
import { isKnown } from '../../events/codec.ts';
import { isKnownKind } from '../../events/kinds.ts';
import type { Recorded } from '../../events/log.ts';
import {
  type Context,
  collectionOf,
  type ProjectedEvent,
  type Projection,
  type Write,
} from '../projection.ts';
import { type PlacedWrite, placeOf } from '../store.ts';
import { contextCache } from './context.ts';
import type { Course } from './course.ts';

/** A batch holds about this many events, or this many bytes of the log, whichever comes first. */
export const batchEventsMax = 2_000;
export const batchBytesMax = 1024 * 1024;

/** What the records from `start` on mean for the projections that stand at the course's beginning. */
export type Translation = {
  readonly writes: readonly PlacedWrite[];
  /** The place up to which the log is translated; the course's `from` if nothing was left to do. */
  readonly to: number;
  /** The index of the first record that has not been taken. */
  readonly next: number;
  readonly events: number;
};

/** Translates records, in order, from `start` on, as many as one batch may hold. */
export type Translate = (
  records: readonly Recorded[],
  start: number,
  course: Course,
) => Translation;

/** A projection threw on an event: the message names the projection, the event and the way out. */
export class ProjectionError extends Error {
  override readonly name = 'ProjectionError';
}

type Handler = {
  readonly collection: string;
  readonly project: (event: ProjectedEvent, context: Context) => readonly Write[];
};

const handlersOf = (projections: readonly Projection[]): Map<string, Handler[]> => {
  const handlers = new Map<string, Handler[]>();
  for (const projection of projections) {
    for (const [kind, project] of Object.entries(projection.on)) {
      if (!isKnownKind(kind)) continue;
      const handler = { collection: collectionOf(projection), project } as Handler;
      handlers.set(kind, [...(handlers.get(kind) ?? []), handler]);
    }
  }
  return handlers;
};

/** Gives the function that turns the log into writes. It keeps the contexts of recent aggregates. */
export const translator = (projections: readonly Projection[]): Translate => {
  const handlers = handlersOf(projections);
  const contextOf = contextCache();

  return (records, start, course) => {
    const writes: PlacedWrite[] = [];
    let to = course.from;
    let events = 0;
    let bytes = 0;
    for (let next = start; next < records.length; next++) {
      const record = records[next] as Recorded;
      if (record.seq <= to) continue;
      if (record.seq > course.until) return { writes, to: course.until, next, events };
      const more = record.commit.events.length;
      const full = events + more > batchEventsMax || bytes + record.size > batchBytesMax;
      if (full && events > 0) return { writes, to, next, events };
      collect(record, { handlers, contextOf, active: course.active }, writes);
      to = record.seq;
      events += more;
      bytes += record.size;
    }
    return { writes, to, next: records.length, events };
  };
};

type Readers = {
  readonly handlers: ReadonlyMap<string, readonly Handler[]>;
  readonly contextOf: (aggregate: Aggregate) => Context;
  readonly active: ReadonlySet<string>;
};

/** Adds the writes of one commit; what this version does not know, and what nobody asks for, adds none. */
const collect = (record: Recorded, readers: Readers, writes: PlacedWrite[]): void => {
  const { aggregate, commit, seq } = record;
  for (const [index, event] of commit.events.entries()) {
    const concerned = readers.handlers.get(event.k);
    if (!concerned || !isKnown(event)) continue;
    const projected = { ...event, n: commit.n + index, seq };
    const place = placeOf(seq, index);
    for (const handler of concerned) {
      if (!readers.active.has(handler.collection)) continue;
      for (const write of writesOf(handler, projected, readers.contextOf(aggregate))) {
        writes.push({ collection: handler.collection, write, place });
      }
    }
  }
};

const writesOf = (
  { collection, project }: Handler,
  event: ProjectedEvent,
  context: Context,
): readonly Write[] => {
  try {
    const writes = project(event, context);
    if (Array.isArray(writes)) return writes;
    throw new TypeError('it gave no array of writes');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ProjectionError(
      `the projection ${collection} threw on ${event.k}, event ${event.n} of ${context.aggregate}: ` +
        `${reason}; mend it and start again, nothing is lost`,
      { cause },
    );
  }
};
