import type { CollectionSpec, Document } from '../documents.ts';
import type { ReadStore } from '../store.ts';

/** One row per read model that a process fills or has filled. `_id`: the physical name of its collection. */
export const runs: CollectionSpec = { name: 'runs', indexes: [] };

/** Why a projection failed. */
export type Failure = {
  readonly message: string;
  /** The event that it failed on; `position`: `<partition>:<seq>`. */
  readonly event?: {
    readonly k: string;
    readonly n: number;
    readonly aggregate: string;
    readonly position: string;
  };
  /** The time, in ms. */
  readonly at: number;
};

/** The last report of the process that fills a read model. */
export type Run = {
  /** The physical name of its collection; for one whose rows are stored elsewhere `<name>_v<version>`. */
  readonly id: string;
  readonly name: string;
  readonly version: number;
  /** The server itself, a server that it is attached to, a process of its own, or a rebuild. */
  readonly by: 'server' | 'attached' | 'process' | 'rebuild';
  /** The process: `<host>/<pid>`. */
  readonly runner: string;
  readonly state: 'catching-up' | 'live' | 'failed' | 'stopped';
  /** When it started, and when it last reported, in ms. */
  readonly since: number;
  readonly at: number;
  /** By partition: up to where it is filled, and where the log ended. */
  readonly applied: readonly number[];
  readonly heads: readonly number[];
  /** Events applied since it started, and the recent rate per second. */
  readonly events: number;
  readonly rate: number;
  readonly failure?: Failure;
};

/** An older row, in ms, was left by a process that has ended without reporting it. */
export const runStaleMs = 30_000;

/** More than there ever are. */
const rowsMax = 10_000;

/** Whether the reporting process is still alive. A report from the future, by a clock that was set back, is old. */
export const isRunning = ({ state, at }: Pick<Run, 'state' | 'at'>, now: number): boolean =>
  state !== 'stopped' && Math.abs(now - at) <= runStaleMs;

/** A row of the collection. */
export const runOf = ({ _id, ...run }: Document): Run => ({ id: _id, ...run }) as unknown as Run;

/** The reports of processes that fill read models: state, not derived from events. */
export const runState = (store: Pick<ReadStore, 'get' | 'put' | 'remove' | 'find'>) => ({
  get: async (collection: string): Promise<Run | undefined> => {
    const row = await store.get(runs.name, collection);
    return row && runOf(row);
  },
  all: async (): Promise<Run[]> =>
    (await store.find(runs.name, {}, { sort: { _id: 1 }, limit: rowsMax })).map(runOf),
  report: ({ id, ...run }: Run): Promise<void> => store.put(runs.name, { _id: id, ...run }),
  forget: (collection: string): Promise<void> => store.remove(runs.name, collection),
});
