import type { Aggregate } from '../../events/aggregate.ts';
import { isKnown } from '../../events/codec.ts';
import { eventKey } from '../../events/event-key.ts';
import { isKnownKind } from '../../events/kinds/kinds.ts';
import type { Recorded } from '../../events/log.ts';
import { formatPosition } from '../../events/position.ts';
import { monotonic } from '../../runtime/clock.ts';
import type { Write } from '../../store/documents.ts';
import type { PlacedWrite } from '../../store/store.ts';
import { type Context, collectionOf, type ProjectedEvent, type Projection } from '../projection.ts';
import { batchFrom } from './batch-range.ts';
import { contextCache } from './context.ts';
import type { Plan } from './plan.ts';
import { asError, ProjectionError } from './projection-error.ts';

/** A projection, and the physical name of the collection that it fills. */
export type Filling = { readonly projection: Projection; readonly collection: string };

/** These projections, each filling the collection that `nameOf` gives (default: the one of its version). */
export const fillingsOf = (
  projections: readonly Projection[],
  nameOf: (projection: Projection) => string = collectionOf,
): Filling[] => projections.map((projection) => ({ projection, collection: nameOf(projection) }));

/** The writes of the records from `start` on for the projections that the plan names. */
export type Translation = {
  readonly writes: readonly PlacedWrite[];
  /** The position up to which the log is translated; the plan's `from` if nothing was left to do. */
  readonly to: number;
  /** The index of the first record that was not translated. */
  readonly next: number;
  readonly events: number;
};

/**
 * Translates records, in order, from `start` on, as many as one batch may hold and `workMsMax` allows. Throws
 * `ProjectionError`.
 */
export type Translate = (records: readonly Recorded[], start: number, plan: Plan) => Translation;

type Handler = {
  readonly collection: string;
  readonly project: (event: ProjectedEvent, context: Context) => readonly Write[];
};

const handlersOf = (fillings: readonly Filling[]): Map<string, Handler[]> => {
  const handlers = new Map<string, Handler[]>();
  for (const { projection, collection } of fillings) {
    for (const [kind, project] of Object.entries(projection.on)) {
      if (!isKnownKind(kind)) continue;
      const handler = { collection, project } as Handler;
      handlers.set(kind, [...(handlers.get(kind) ?? []), handler]);
    }
  }
  return handlers;
};

/** A slow projection blocks the process no longer than this, plus one event. */
const workMsMax = 50;

/** Returns the function that translates the log to writes. It caches the contexts of recent aggregates. */
export const translator = (fillings: readonly Filling[]): Translate => {
  const handlers = handlersOf(fillings);
  const contextOf = contextCache();

  return (records, start, plan) => {
    const range = batchFrom(records, start, plan);
    const writes: PlacedWrite[] = [];
    const { partition, active } = plan;
    const end = monotonic() + workMsMax;
    let events = 0;
    for (let at = start; at < range.next; at++) {
      const record = records[at] as Recorded;
      const { seq, commit } = record;
      if (seq <= plan.from) continue;
      collect(record, { handlers, contextOf, active, partition }, writes);
      events += commit.events.length;
      if (monotonic() > end) return { writes, to: seq, next: at + 1, events };
    }
    return { writes, ...range };
  };
};

type Readers = {
  readonly handlers: ReadonlyMap<string, readonly Handler[]>;
  readonly contextOf: (aggregate: Aggregate) => Context;
  readonly active: ReadonlySet<string>;
  readonly partition: number;
};

/** Adds the writes of one commit; events without a handler, or that this version does not know, add none. */
const collect = (record: Recorded, readers: Readers, writes: PlacedWrite[]): void => {
  const { aggregate, commit, seq } = record;
  const position = formatPosition({ partition: readers.partition, seq });
  const context = readers.contextOf(aggregate);
  for (const [index, event] of commit.events.entries()) {
    const concerned = readers.handlers.get(event.k);
    if (!concerned || !isKnown(event)) continue;
    const projected = { ...event, n: commit.n + index, seq, index, position };
    const place = eventKey(seq, index);
    for (const handler of concerned) {
      if (!readers.active.has(handler.collection)) continue;
      for (const write of writesOf(handler, projected, context)) {
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
    throw new TypeError('it returned no array of writes');
  } catch (cause) {
    const { k, n, position } = event;
    const { aggregate } = context;
    throw new ProjectionError(
      `the projection ${collection} threw on ${k}, event ${n} of ${aggregate}: ` +
        `${asError(cause).message}; fix it and restart, nothing is lost`,
      { collection, event: { k, n, aggregate, position }, cause },
    );
  }
};
