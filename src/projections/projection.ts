import type { Aggregate } from '../events/aggregate.ts';
import type { EventStamp } from '../events/commit.ts';
import type { DataOf, EventKind } from '../events/kinds/kinds.ts';
import type { CollectionSpec, Write } from '../store/documents.ts';

export type { CollectionSpec, Document, Index, Update, Write } from '../store/documents.ts';

/**
 * An event as a projection sees it: what happened, who, when, its number in its event stream, the place of its
 * commit in its partition of the log, and where that is in the whole log: `<partition>:<seq>`.
 */
export type ProjectedEvent<K extends EventKind = EventKind> = EventStamp & {
  readonly k: K;
  readonly n: number;
  readonly seq: number;
  /** Its number in its commit, from 0. */
  readonly index: number;
  readonly position: string;
  readonly d: DataOf<K>;
};

/** Where an event happened. */
export type Context = {
  readonly aggregate: Aggregate;
  /** The id of the user, the circle, the stream or the name that the event stream is about. */
  readonly id: string;
  /** The circle, for events of a circle or of one of its streams. */
  readonly circle?: string;
  /** The name of the stream on the wire, `<circle>/<stream>`, for events of a stream. */
  readonly s?: string;
};

/**
 * A read model as data: per event kind a pure function from the event to the writes that it causes. It does no
 * I/O and knows no clock, so it gives the same documents whenever it is replayed. Kinds that are not named are
 * skipped. A projection writes one collection, which is named after it.
 */
export type Projection = CollectionSpec & {
  /** Raised when documents of the old form will not do: the model is then built anew. */
  readonly version: number;
  readonly on: {
    readonly [K in EventKind]?: (event: ProjectedEvent<K>, context: Context) => readonly Write[];
  };
};

/** The projection as it is, its event kinds checked by the compiler. */
export const projection = (definition: Projection): Projection => definition;

/** The physical name of a projection's collection; of an external one, the name under which its progress is told. */
export const collectionOf = ({ name, version }: Pick<Projection, 'name' | 'version'>): string =>
  `${name}_v${version}`;

/** An event with where it happened; a union on `k`. */
export type SinkEvent = {
  readonly [K in EventKind]: ProjectedEvent<K> & { readonly where: Context };
}[EventKind];

/** The events of one partition after the place `from` and up to the place `to`, in order; perhaps none. */
export type SinkBatch = {
  readonly partition: number;
  readonly from: number;
  readonly to: number;
  readonly events: readonly SinkEvent[];
};

/**
 * Where an external projection keeps its rows. Methods may throw `Unavailable`; the work then begins again at
 * `position`, with growing pauses, for ever. Anything else that is thrown stops the projection.
 */
export type Sink = {
  /** Up to where everything of a partition is stored: 0 at the beginning. */
  position(partition: number): Promise<number>;
  /**
   * Stores what the events mean together with `to`, in one transaction, and resolves once it is durable. Called for
   * one batch at a time per partition; several partitions at once. If the position that is kept is not `from` within
   * that transaction, another process has stored it: store nothing and throw `Unavailable`. So each event counts once,
   * whatever crashes when.
   */
  store(batch: SinkBatch): Promise<void>;
  /** Called once, when nothing is stored any more. */
  close?(): Promise<void>;
};

/** A projection whose rows are kept elsewhere: in a database of one's own, in files, in another service. */
export type External = {
  /** Lower-case letters, digits and `-`, beginning with a letter. */
  readonly name: string;
  readonly version: number;
  /** Only these kinds of event are handed to the sink; left out: all that this version of Oshi knows. */
  readonly kinds?: readonly EventKind[];
  /**
   * Connects to where the rows are kept, and makes room for them. Places in one log mean nothing in another: if rows
   * of another `incarnation` are there, such as from before a restore, throw them away with their positions.
   */
  open(log: { readonly incarnation: string; readonly partitions: number }): Promise<Sink>;
};

/** Thrown by a sink whose database is away: the batch is tried again, with pauses from 50 ms up to 5 s. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable';
}

/** The external projection as it is, checked by the compiler. */
export const external = (definition: External): External => definition;
