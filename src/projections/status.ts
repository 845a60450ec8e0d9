import type { DocumentReader } from '../store/document-reader.ts';
import { collectionIn, type Origin, origins } from '../store/origins.ts';
import { type DesiredState, desiredStates } from '../store/state/desired-states.ts';
import { isRunning, type Run, runOf, runs } from '../store/state/runs.ts';
import { collectionOf, modelOf } from './projection.ts';

/** The status of a projection, from what is stored and what its process last reported. */
export type ProjectionStatus = {
  readonly name: string;
  readonly version: number;
  /** Where its documents are; absent for one whose rows are stored elsewhere. */
  readonly collection?: string;
  /** Whether it is one of Oshi's own. */
  readonly isOwn: boolean;
  readonly state: Run['state'] | 'not running';
  /** By requested partition: up to where it is applied, and where the log ends. */
  readonly applied: readonly number[];
  readonly heads: readonly number[];
  /** How many positions it lags behind. */
  readonly lag: number;
  /** The last report of its process, if any. */
  readonly run?: Run;
};

export type StatusOptions = {
  readonly reader: Pick<DocumentReader, 'page' | 'checkpoint'>;
  readonly builtIn: readonly { readonly name: string; readonly version: number }[];
  /** Where the log ends, by partition. */
  readonly heads: ReadonlyMap<number, number>;
  readonly now: number;
};

/** More than there ever are of origins, runs and desired states. */
const rowsMax = 10_000;

/**
 * The status of every projection that is or was followed: Oshi's own first, then custom ones, those that are being
 * rebuilt, and those whose rows are stored elsewhere. Older versions of Oshi's own are left out.
 */
export const statusesOf = async (options: StatusOptions): Promise<ProjectionStatus[]> => {
  const { reader, builtIn } = options;
  const rowsOf = (name: string) => reader.page(name, '', rowsMax);
  const [origin, told, wish] = await Promise.all([
    rowsOf(origins.name) as Promise<Origin[]>,
    rowsOf(runs.name),
    rowsOf(desiredStates.name) as Promise<(DesiredState & { readonly _id: string })[]>,
  ]);
  const run = told.map(runOf);
  const facts: Facts = {
    ...options,
    runs: new Map(run.map((each) => [each.id, each])),
    stopped: new Set(wish.filter(({ wanted }) => wanted === 'stopped').map(({ _id }) => _id)),
  };
  const own = builtIn.map(({ name, version }): Kept => {
    const collection = collectionOf({ name, version });
    return { name, version, isOwn: true, collection };
  });
  const isOwn = ({ name }: Pick<Run, 'name'>): boolean => own.some((each) => each.name === name);
  const bound = origin.flatMap((row) => boundBy(row) ?? []);
  const mine = bound.filter(({ model }) => !isOwn(model)).map(({ model }) => model);
  const places = new Map(bound.map(({ model, place }) => [model.collection, place]));
  const kept = [...own, ...mine].map((model) => ({
    ...model,
    collection: places.get(model.collection) ?? model.collection,
  }));
  const rebuilt = bound.flatMap(({ model, rebuilding }) =>
    rebuilding === undefined ? [] : { ...model, isOwn: isOwn(model), collection: rebuilding },
  );
  const elsewhere = run.filter((each) => !(isOwn(each) || places.has(collectionOf(each))));
  return Promise.all([
    ...[...kept, ...rebuilt].map((each) => standingOf(each, facts)),
    ...elsewhere.map((each) => elsewhereOf(each, facts)),
  ]);
};

type Facts = StatusOptions & {
  /** By the physical name of the collection. */
  readonly runs: ReadonlyMap<string, Run>;
  /** Names of projections whose desired state is stopped. */
  readonly stopped: ReadonlySet<string>;
};

type Kept = Pick<ProjectionStatus, 'name' | 'version' | 'isOwn'> & { readonly collection: string };

/** The model that a row of `origins` is about, and its collection; undefined for a row of another kind. */
const boundBy = (row: Origin) => {
  const named = modelOf(row._id);
  if (!named) return undefined;
  const model: Kept = { ...named, isOwn: false, collection: row._id };
  return { model, place: collectionIn(row), rebuilding: row.rebuilding };
};

const standingOf = async (kept: Kept, facts: Facts): Promise<ProjectionStatus> => {
  const partitions = [...facts.heads.keys()];
  const applied = await Promise.all(
    partitions.map((partition) => facts.reader.checkpoint(kept.collection, partition)),
  );
  return { ...kept, ...situation(applied, facts.runs.get(kept.collection), { ...facts, ...kept }) };
};

const elsewhereOf = (run: Run, facts: Facts): ProjectionStatus => {
  const { name, version } = run;
  const applied = [...facts.heads.keys()].map((partition) => run.applied[partition] ?? 0);
  return { name, version, isOwn: false, ...situation(applied, run, { ...facts, name }) };
};

const situation = (
  applied: readonly number[],
  run: Run | undefined,
  facts: Facts & { readonly name: string },
): Pick<ProjectionStatus, 'state' | 'applied' | 'heads' | 'lag' | 'run'> => {
  const heads = [...facts.heads.values()];
  const lag = heads.reduce((sum, head, at) => sum + Math.max(0, head - (applied[at] ?? 0)), 0);
  return { state: stateOf(run, facts), applied, heads, lag, ...(run && { run }) };
};

/** A failed one stays failed until it runs again; one that was stopped on request is not merely not running. */
const stateOf = (
  run: Run | undefined,
  { now, name, stopped }: Facts & { readonly name: string },
): ProjectionStatus['state'] => {
  if (run && isRunning(run, now)) return run.state;
  if (stopped.has(name)) return 'stopped';
  return run?.failure ? 'failed' : 'not running';
};
