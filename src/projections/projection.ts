import type { Aggregate } from '../events/aggregate.ts';
import type { EventStamp } from '../events/commit.ts';
import type { DataOf, EventKind } from '../events/kinds/kinds.ts';
import type { CollectionSpec, Write } from '../store/documents.ts';

export type { CollectionSpec, Document, Index, Update, Write } from '../store/documents.ts';

/**
 * An event as a projection receives it: kind, data, time and user, its number in its event stream, the sequence
 * number of its commit in its partition of the log, and both as text: `<partition>:<seq>`.
 */
export type ProjectedEvent<K extends EventKind = EventKind> = EventStamp & {
  readonly k: K;
  readonly n: number;
  readonly seq: number;
  /** Its index in its commit, from 0. */
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
  /** The path of the stream, `<circle>/<stream>`, for events of a stream. */
  readonly s?: string;
};

/**
 * A read model as data: per event kind a pure function from the event to the writes that it causes. It has no I/O and
 * no clock, so a replay gives the same documents. Kinds that are not named are skipped. A projection writes one
 * collection, which is named after it.
 */
export type Projection = CollectionSpec & {
  /** Increased when older documents do not match any more: the model is then built anew, beside the others. */
  readonly version: number;
  /**
   * The version before, if the queries of this one can read its documents: it is kept up to date and read while this
   * one is built. Without it, what needs the model is unavailable meanwhile.
   */
  readonly earlier?: Projection;
  /**
   * Whether it differs from `earlier` only in that times are dates: a store that has none goes on with the collection
   * of `earlier`, and nothing is built.
   */
  readonly hasOnlyDatesNew?: boolean;
  readonly on: {
    readonly [K in EventKind]?: (event: ProjectedEvent<K>, context: Context) => readonly Write[];
  };
};

/** Returns the projection; its event kinds are checked by the compiler. */
export const projection = (definition: Projection): Projection => definition;

/**
 * The physical name of a projection's collection; for an external one, the name under which its progress is reported.
 */
export const collectionOf = ({ name, version }: Pick<Projection, 'name' | 'version'>): string =>
  `${name}_v${version}`;

/** The inverse of `collectionOf`; undefined for the name of another collection. */
export const modelOf = (collection: string): Pick<Projection, 'name' | 'version'> | undefined => {
  const { name, version } = /^(?<name>.+)_v(?<version>\d+)$/.exec(collection)?.groups ?? {};
  return name === undefined ? undefined : { name, version: Number(version) };
};

/** An event with where it happened; a union on `k`. */
export type SinkEvent = {
  readonly [K in EventKind]: ProjectedEvent<K> & { readonly where: Context };
}[EventKind];

/** The events of one partition after `from` and up to `to`, in order; possibly none. */
export type SinkBatch = {
  readonly partition: number;
  readonly from: number;
  readonly to: number;
  readonly events: readonly SinkEvent[];
};

/**
 * Where an external projection stores its rows. Methods may throw `Unavailable`; the work is then retried from
 * `position`, with growing pauses, without end. Any other error stops the projection.
 */
export type Sink = {
  /** Up to where everything of a partition is stored: 0 at the beginning. */
  position(partition: number): Promise<number>;
  /**
   * Stores the effects of the events together with `to`, in one transaction, and resolves once it is durable. Called
   * for one batch at a time per partition; for several partitions concurrently. If the stored position is not `from`
   * within that transaction, another process has stored the batch: store nothing and throw `Unavailable`. So each
   * event counts once, whatever crashes when.
   */
  store(batch: SinkBatch): Promise<void>;
  /** Called once, when nothing will be stored any more. */
  close?(): Promise<void>;
};

/** A projection whose rows are stored elsewhere: in another database, in files, in another service. */
export type External = {
  /** Lower-case letters, digits and `-`, starting with a letter. */
  readonly name: string;
  readonly version: number;
  /** Only these kinds of event are passed to the sink; default: all that this version of Oshi knows. */
  readonly kinds?: readonly EventKind[];
  /**
   * Connects to where the rows are stored, and prepares it. Positions of one log mean nothing in another: if there
   * are rows of another `incarnation`, such as from before a restore, discard them with their positions.
   */
  open(log: { readonly incarnation: string; readonly partitions: number }): Promise<Sink>;
};

/** Thrown by a sink whose database is unavailable: the batch is retried, with pauses from 50 ms up to 5 s. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable';
}

/** Returns the external projection, checked by the compiler. */
export const external = (definition: External): External => definition;
