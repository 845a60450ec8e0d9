import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { External, Projection } from '../projections/projection.ts';
import { builtIn, stateCollections } from '../projections/read-models.ts';
import { monotonic } from '../runtime/clock.ts';
import { faultOf } from './fault.ts';

/** A custom projection: its rows in Oshi's store, or elsewhere. */
export type CustomProjection = Projection | External;

/** Whether its rows are stored elsewhere. */
export const isExternal = (projection: CustomProjection): projection is External =>
  'open' in projection;

/**
 * Loads a module that exports a projection as `projection` or by default, in its current version even if it was
 * loaded before; what the module imports itself is not loaded again. Rejects with one line that names the file and
 * says what to do.
 */
export const loadProjection = async (path: string): Promise<CustomProjection> => {
  const file = resolve(path.trim());
  if (!existsSync(file)) throw new Error(`${file} cannot be loaded: there is no such file`);
  const url = pathToFileURL(file);
  url.searchParams.set('read', String(monotonic()));
  const module: unknown = await import(url.href).catch((cause: unknown) => {
    throw new Error(`${file} cannot be loaded: ${reasonOf(cause)}`, { cause });
  });
  const { projection, default: fallback } = module as { projection?: unknown; default?: unknown };
  const found = projection ?? fallback;
  checkProjection(found, file);
  return found;
};

/** Throws one line that tells what is wrong with the export of `from`. */
export function checkProjection(found: unknown, from: string): asserts found is CustomProjection {
  const fault = faultOf(found);
  if (fault !== undefined) throw new Error(`${from}: ${fault}`);
  const { name } = found as CustomProjection;
  const isTaken = [...builtIn, ...stateCollections].some((own) => own.name === name);
  if (isTaken)
    throw new Error(`${from}: "${name}" is the name of a built-in projection; choose another`);
}

const reasonOf = (cause: unknown): string =>
  (cause instanceof Error ? cause.message : String(cause))
    .replace(/\?read=[\d.]+/g, '')
    .split('\n', 1)[0] ?? '';
