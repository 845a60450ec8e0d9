import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { cachedProgram } from './wheel.ts';

/** A server program that the tests and `npm run servers` need. */
export type ProgramName = 'nats-server' | 'mongod';

/** Where a program may come from. */
export type Sources = {
  /** The environment: `OSHI_NATS_SERVER`, `OSHI_MONGOD` and `PATH` are read from it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The project's own cache, filled on first use. */
  readonly cacheDir: string;
  /** Told, in one line, about a download. */
  readonly progress: (line: string) => void;
};

const variables: Readonly<Record<ProgramName, string>> = {
  'nats-server': 'OSHI_NATS_SERVER',
  mongod: 'OSHI_MONGOD',
};

const isExecutable = async (path: string): Promise<boolean> => {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/**
 * The path of a server program: the one that the environment names, else the one on `PATH`, else the one in
 * the project's cache, fetched if need be. Rejects with one line that says what to do.
 */
export const findProgram = async (name: ProgramName, sources: Sources): Promise<string> => {
  const variable = variables[name];
  const named = sources.env[variable];
  if (named) {
    if (await isExecutable(named)) return named;
    throw new Error(`${variable} names ${named}, which is no program that can be run: correct it.`);
  }
  for (const dir of (sources.env.PATH ?? '').split(delimiter)) {
    if (dir && (await isExecutable(join(dir, name)))) return join(dir, name);
  }
  try {
    return await cachedProgram(name, sources);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(
      `no ${name}: install it, or set ${variable} to its path (fetching it failed: ${why}).`,
      { cause },
    );
  }
};
