import type { CollectionSpec, Document } from '../documents.ts';
import type { ReadStore } from '../store.ts';

/** One row per read model that somebody fills or has filled. `_id`: the physical name of its collection. */
export const runs: CollectionSpec = { name: 'runs', indexes: [] };

/** What a projection broke on. */
export type Failure = {
  readonly message: string;
  /** The event that it could not take; `position`: `<partition>:<place>`. */
  readonly event?: {
    readonly k: string;
    readonly n: number;
    readonly aggregate: string;
    readonly position: string;
  };
  /** When, in ms. */
  readonly at: number;
};

/** A read model as the process that fills it last told. */
export type Run = {
  /** The physical name of its collection; of one whose rows are kept elsewhere `<name>_v<version>`. */
  readonly id: string;
  readonly name: string;
  readonly version: number;
  /** The server itself, a server that it is attached to, a process of its own, or a rebuilding. */
  readonly by: 'server' | 'attached' | 'process' | 'rebuild';
  /** Who runs it: `<host>/<pid>`. */
  readonly runner: string;
  readonly state: 'catching-up' | 'live' | 'failed' | 'stopped';
  /** Since when it runs, and when this was told, in ms. */
  readonly since: number;
  readonly at: number;
  /** By partition: up to where it is filled, and where the log ended. */
  readonly applied: readonly number[];
  readonly heads: readonly number[];
  /** Events applied since it runs, and how many a second of late. */
  readonly events: number;
  readonly rate: number;
  readonly failure?: Failure;
};

/** A row that is older, in ms, was left by a process that is gone without a word. */
export const runStaleMs = 30_000;

/** More than there ever are. */
const rowsMax = 10_000;

/** Whether the process that told it is still there. What it told in the future, by a clock that was set back, is old. */
export const isRunning = ({ state, at }: Pick<Run, 'state' | 'at'>, now: number): boolean =>
  state !== 'stopped' && Math.abs(now - at) <= runStaleMs;

/** A row of the collection. */
export const runOf = ({ _id, ...run }: Document): Run => ({ id: _id, ...run }) as unknown as Run;

/** What the processes that fill read models tell of them: state, not derived from events. */
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
