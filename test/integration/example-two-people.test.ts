import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { execPath } from 'node:process';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { testOnEngines } from '../support/fixtures/server-stage.ts';

const it = testOnEngines();
const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');

it('examples/two-people.ts: one is cut off, comes back, and has missed nothing', async ({
  url,
}) => {
  const words = ['--import', 'tsx', 'examples/two-people.ts', url];
  const { stdout, stderr } = await run(execPath, words, { cwd: root });
  expect(stderr).toBe('');
  expect(stdout).toContain('ben is back and has missed nothing');
  expect(stdout).toContain('the stream holds 5 messages, and both have read the same');
});
