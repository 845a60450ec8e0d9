import type { Aggregate } from '../events/aggregate.ts';
import type { LoggedEvent } from '../events/commit.ts';
import { eventKey } from '../events/event-key.ts';
import { formatPosition } from '../events/position.ts';
import type { Document, Write } from '../store/documents.ts';
import { appliedOf, foldWrites, targetOf } from '../store/fold.ts';
import type { PlacedWrite } from '../store/store.ts';
import type { ProjectedEvent, Projection } from './projection.ts';
import { contextOf } from './runner/context.ts';

/** Events of one aggregate, in order. */
export type EventRange = {
  readonly aggregate: Aggregate;
  readonly partition: number;
  readonly events: readonly {
    readonly n: number;
    /** The position of its commit in the log, and its index in the commit. */
    readonly seq: number;
    readonly index: number;
    readonly event: LoggedEvent;
  }[];
};

/**
 * Rows of a read model after these events, whether the store has applied them or not: each row carries its applied
 * position, so events that it contains already change nothing.
 */
export const rowsUpToDate = (
  projection: Projection,
  rows: readonly Document[],
  { aggregate, partition, events }: EventRange,
): Document[] => {
  const context = contextOf(aggregate);
  const current = new Map(rows.map((row) => [row._id, row]));
  for (const { n, seq, index, event } of events) {
    const position = formatPosition({ partition, seq });
    const project = projection.on[event.k] as
      | ((event: ProjectedEvent, where: typeof context) => readonly Write[])
      | undefined;
    const writes =
      project?.({ ...event, n, seq, index, position } as ProjectedEvent, context) ?? [];
    for (const write of writes) {
      const placed: PlacedWrite = { collection: '', write, place: eventKey(seq, index) };
      const document = current.get(targetOf(write));
      const folded = foldWrites({ document, applied: appliedOf(document) }, [placed], partition);
      if (folded?.document) current.set(folded.document._id, folded.document);
      else if (folded) current.delete(targetOf(write));
    }
  }
  return [...current.values()];
};
