import { resolve } from 'node:path';
import { environment } from '../../src/config.ts';
import { startMongod } from '../../tools/servers/mongod.ts';
import { startNats } from '../../tools/servers/nats.ts';
import { findProgram, type ProgramName } from '../../tools/servers/program.ts';

const program = (name: ProgramName): Promise<string> =>
  findProgram(name, {
    env: environment(),
    cacheDir: resolve(import.meta.dirname, '../../node_modules/.cache/oshi'),
    progress: (line) => process.stderr.write(`${line}\n`),
  });

export const startOwnNats = async (dir: string) =>
  startNats({ program: await program('nats-server'), dir });

export const startOwnMongod = async (dir: string) =>
  startMongod({ program: await program('mongod'), dir });
