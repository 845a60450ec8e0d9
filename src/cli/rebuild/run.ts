import { hostname } from 'node:os';
import { configOf, environment } from '../../config.ts';
import { isExternal, loadProjection } from '../../hosting/module.ts';
import { openShared } from '../../hosting/shared-storage.ts';
import type { Projection } from '../../projections/projection.ts';
import { builtIn } from '../../projections/read-models.ts';
import { isProcessAlive } from '../../runtime/processes.ts';
import { randomId } from '../../runtime/random.ts';
import { rebuildOne } from './model.ts';
import { reporterFor } from './reporter.ts';
import type { Data, ModelReport, RebuildRequest } from './request.ts';

/** Rebuilds the requested models; resolves with whether one was left unchanged because it differs. */
export const rebuildModels = async (request: RebuildRequest): Promise<boolean> => {
  const projections = await projectionsOf(request.name);
  const reporter = reporterFor(request.json ?? false);
  const reports = await withData(async (data) => {
    const all: ModelReport[] = [];
    for (const projection of projections) {
      all.push(await rebuildOne({ ...data, projection, reporter, request }));
    }
    return all;
  });
  reporter.end(reports);
  return reports.some(({ switched }) => !switched);
};

const projectionsOf = async (name: string | undefined): Promise<readonly Projection[]> => {
  if (name === undefined) return builtIn;
  const own = builtIn.find((each) => each.name === name);
  if (own) return [own];
  const projection = await loadProjection(name);
  if (!isExternal(projection)) return [projection];
  throw new Error(
    `${projection.name} keeps its rows externally; delete them there, and run the projection again`,
  );
};

const withData = async <T>(work: (data: Data) => Promise<T>): Promise<T> => {
  const ending = new AbortController();
  const end = (): void =>
    ending.abort(
      new Error('interrupted; nothing has changed for readers, and the same command resumes'),
    );
  process.once('SIGINT', end).once('SIGTERM', end);
  const { log, store, close } = await openShared(configOf(environment()));
  const by = `${here}${process.pid}/${randomId().slice(0, 8)}`;
  try {
    return await work({ log, store, by, isOver, signal: ending.signal });
  } finally {
    process.off('SIGINT', end).off('SIGTERM', end);
    await close();
  }
};

const here = `${hostname()}/`;

/** Whether the process with this name has ended, if it ran on this machine. */
const isOver = (by: string): boolean =>
  by.startsWith(here) && !isProcessAlive(Number.parseInt(by.slice(here.length), 10));
