import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findProgram, type Sources } from '../../../tools/servers/program.ts';

let dir = '';
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'oshi-program-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const sources = (env: Sources['env']): Sources => ({
  env,
  cacheDir: join(dir, 'cache'),
  progress: (line) => {
    throw new Error(`nothing is to be fetched: ${line}`);
  },
});

const program = async (name: string): Promise<string> => {
  const path = join(dir, name);
  await writeFile(path, '#!/bin/sh\n', { mode: 0o755 });
  return path;
};

test('a program that the environment names goes before one on PATH', async () => {
  const named = await program('my-nats');
  const onPath = await program('nats-server');
  expect(await findProgram('nats-server', sources({ OSHI_NATS_SERVER: named, PATH: dir }))).toBe(
    named,
  );
  expect(await findProgram('nats-server', sources({ PATH: `/nowhere:${dir}` }))).toBe(onPath);
});

test('a name that leads nowhere is told, not passed over', async () => {
  await program('mongod');
  const env = { OSHI_MONGOD: join(dir, 'missing'), PATH: dir };
  await expect(findProgram('mongod', sources(env))).rejects.toThrow(
    `OSHI_MONGOD names ${join(dir, 'missing')}, which is no program that can be run: correct it.`,
  );
});
