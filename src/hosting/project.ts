import { configOf, environment as ownEnvironment } from '../config.ts';
import { pointed } from '../projections/pointers.ts';
import { collectionOf, type External, type Projection } from '../projections/projection.ts';
import { failureOf, stateOf } from '../projections/reporting.ts';
import type { Following } from '../projections/runner/following.ts';
import { wallClock } from '../runtime/clock.ts';
import type { Document } from '../store/documents.ts';
import type { Failure } from '../store/state/runs.ts';
import { appliedField, type Filter, type FindOptions, type ReadStore } from '../store/store.ts';
import { type HostOptions, hostProjection } from './host.ts';
import { type CustomProjection, checkProjection, isExternal } from './module.ts';
import { openShared } from './shared-storage.ts';

/** The progress of a projection. */
export type ProjectingProgress = {
  /** `catching-up` until it has reached the end of the log; `failed`: it cannot go on, see `failure`. */
  readonly state: 'catching-up' | 'live' | 'failed' | 'stopped';
  /** By partition: up to where everything is applied, and the known end of the log. */
  readonly applied: readonly number[];
  readonly heads: readonly number[];
  /** Events applied since it was started. */
  readonly events: number;
  /** A transient failure, such as an unavailable database; it is retried. */
  readonly trouble?: string;
};

/** A projection that runs in this process. */
export type Projecting = {
  /**
   * Resolves when everything is applied that the log holds now. Rejects with the error of a failed projection, or if
   * it was stopped.
   */
  caughtUp(): Promise<void>;
  progress(): ProjectingProgress;
  /** The error of a failed projection; undefined while it goes on. */
  failure(): Failure | undefined;
  /** Stops it after the batch in flight, and closes what was opened. It continues from there the next time. */
  stop(): Promise<void>;
};

/** The rows of a projection in Oshi's store. */
export type Rows = {
  /** The row of this `_id`; undefined if there is none. */
  get(id: string): Promise<Document | undefined>;
  /**
   * The rows that match, in the order of `sort`. The filter uses equality, `$in`, `$lt`, `$lte`, `$gt`, `$gte`,
   * `$ne`, `$exists`; together with the sort it must be served by one of the projection's indexes, otherwise it
   * rejects with `NoIndex`.
   */
  find(filter: Filter, options?: FindOptions): Promise<Document[]>;
  /** The number of rows that match, counted up to `max`. The same index rule applies. */
  count(filter: Filter, max: number): Promise<number>;
};

export type ProjectOptions = {
  /** The environment variables that locate the log, such as `OSHI_DATA_DIR`. Default: those of this process. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Called on each change, at most a few times a second for each partition. */
  readonly onProgress?: (progress: ProjectingProgress) => void;
  /** Called once, when it cannot go on. See also `failure()`. */
  readonly onError?: (error: Error) => void;
};

/**
 * Runs a projection in this process, beside a running server or without one: from its checkpoints, or from the
 * beginning of the log, and then live. Resolves as soon as it runs; `caughtUp` resolves when its rows are up to date.
 * The rows of a `Projection` are in Oshi's store and can be read here; an `External` stores its own. Rejects with one
 * line if the projection is invalid, or if there is no log. Several processes may run the same projection: each event
 * still counts once.
 */
export const project = async <P extends Projection | External>(
  projection: P,
  options: ProjectOptions = {},
): Promise<P extends Projection ? Projecting & Rows : Projecting> => {
  checkProjection(projection, 'project()');
  const { environment, onProgress, onError } = options;
  const projecting = await projectFrom(projection, {
    environment: environment ?? ownEnvironment(),
    say: () => {},
    now: wallClock,
    reload: async () => projection,
    onError: onError ?? (() => {}),
    onMoved: onProgress ?? (() => {}),
  });
  return projecting as P extends Projection ? Projecting & Rows : Projecting;
};

/** Further options of the command line. */
export type ProjectingOptions = Pick<
  HostOptions,
  'reload' | 'say' | 'onError' | 'onApplied' | 'now'
> & {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly onMoved: (progress: ProjectingProgress) => void;
};

/** Runs a projection, which may come from a module that is loaded again when the projection runs again. */
export const projectFrom = async (
  projection: CustomProjection,
  options: ProjectingOptions,
): Promise<Projecting | (Projecting & Rows)> => {
  const { onMoved, environment, ...hosting } = options;
  const { log, store, close } = await openShared(configOf(environment));
  try {
    let progress: (() => ProjectingProgress) | undefined;
    const host = await hostProjection({
      ...hosting,
      log,
      store,
      projection,
      by: 'process',
      onRun: (following) => {
        progress = () => progressOf(following);
      },
      // Progress before the first run is known is not reported.
      onProgress: () => progress && onMoved(progress()),
    });
    let stopped: Promise<void> | undefined;
    const projecting: Projecting = {
      caughtUp: () => host.following.caughtUp(),
      progress: () => progressOf(host.following),
      failure: () => failureOf({ runner: host.following, now: wallClock }, host.projection.name),
      stop() {
        stopped ??= host.stop().finally(close);
        return stopped;
      },
    };
    if (isExternal(projection)) return projecting;
    return { ...projecting, ...rowsOf(pointed(store, host.pointers), () => host.projection) };
  } catch (error) {
    await close();
    throw error;
  }
};

const progressOf = (following: Following): ProjectingProgress => {
  const parts = following.progress();
  const state = stateOf(parts);
  const trouble = parts.find(({ error }) => error)?.error?.message;
  return {
    ...(trouble !== undefined && state !== 'failed' && { trouble }),
    state,
    applied: parts.map(({ applied }) => applied),
    heads: parts.map(({ head }) => head),
    events: following.counters.events,
  };
};

const rowsOf = (store: ReadStore, projection: () => CustomProjection): Rows => {
  const collection = (): string => collectionOf(projection());
  return {
    async get(id) {
      const document = await store.get(collection(), id);
      return document && bare(document);
    },
    find: async (filter, options) => (await store.find(collection(), filter, options)).map(bare),
    count: (filter, max) => store.count(collection(), filter, max),
  };
};

/** A document as the projection wrote it. */
const bare = ({ [appliedField]: _, ...document }: Document): Document => document as Document;
