import { resolve } from 'node:path';
import type { TestProject } from 'vitest/node';
import { environment } from '../../src/config.ts';
import { startMongod } from '../../tools/servers/mongod.ts';
import { startNats } from '../../tools/servers/nats.ts';
import { findProgram, type ProgramName, type Sources } from '../../tools/servers/program.ts';
import type { ServerProcess } from '../../tools/servers/server-process.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Empty where the server cannot be had. */
    natsUrl: string;
    natsProgram: string;
    mongodbUrl: string;
    mongodProgram: string;
  }
}

/**
 * Starts one nats-server and one mongod for the whole run and provides their addresses. Where one cannot be
 * had, its suites are skipped, except under `CI=true`, where that is a failure.
 */
export const setup = async (project: TestProject): Promise<() => Promise<void>> => {
  const started: ServerProcess[] = [];
  const end = async (): Promise<void> => {
    await Promise.all(started.map((server) => server.stop()));
  };
  const begin = async (
    name: ProgramName,
    start: (options: { program: string }) => Promise<ServerProcess>,
  ): Promise<{ program: string; url: string }> => {
    try {
      const program = await findProgram(name, sources);
      const server = await start({ program });
      started.push(server);
      return { program, url: server.url };
    } catch (error) {
      if (sources.env.CI === 'true') throw error;
      const why = error instanceof Error ? error.message : String(error);
      sources.progress(`skipping what needs ${name}: ${why}`);
      return { program: '', url: '' };
    }
  };
  try {
    const nats = await begin('nats-server', startNats);
    const mongod = await begin('mongod', startMongod);
    project.provide('natsUrl', nats.url);
    project.provide('natsProgram', nats.program);
    project.provide('mongodbUrl', mongod.url);
    project.provide('mongodProgram', mongod.program);
  } catch (error) {
    await end();
    throw error;
  }
  return end;
};

const sources: Sources = {
  env: environment(),
  cacheDir: resolve(import.meta.dirname, '../../node_modules/.cache/oshi'),
  progress: (line) => process.stderr.write(`${line}\n`),
};
