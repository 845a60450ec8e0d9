import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

const root = resolve(import.meta.dirname, '../../..');

/** What only src/runtime may use, each as a file of its own. */
const refused = [
  'export const at = Date.now();',
  'export const clock = { now: Date.now };',
  'export const at = new Date();',
  'export const at = performance.now();',
  'export const chance = Math.random();',
  'export const id = crypto.randomUUID();',
  'export const timer = setTimeout(() => {}, 1);',
  'export const timer = setInterval(() => {}, 1);',
  'export const soon = setImmediate(() => {});',
  'export const signal = AbortSignal.timeout(1);',
  "import { setTimeout as sleep } from 'node:timers/promises';\n\nexport const late = sleep(1);",
  "import { randomUUID } from 'node:crypto';\n\nexport const id = randomUUID();",
  "import { randomBytes } from 'node:crypto';\n\nexport const secret = randomBytes(8);",
];

const accepted = [
  'export const day = (at: number) => new Date(at).toISOString();',
  "import { createHash } from 'node:crypto';\n\nexport const hash = createHash('sha256');",
  "import { setTimeout } from '../runtime/timers.ts';\n\nexport const timer = setTimeout(() => {}, 1);",
];

const filesWithFindings = (folder: string): ReadonlySet<string> => {
  const lint = ['lint', '--reporter=json', '--max-diagnostics=none', '.'];
  let printed = '';
  try {
    printed = execFileSync(join(root, 'node_modules/.bin/biome'), lint, {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  } catch (error) {
    printed = (error as { stdout: string }).stdout;
  }
  const { diagnostics } = JSON.parse(printed) as {
    diagnostics: { location: { path: string } }[];
  };
  return new Set(diagnostics.map(({ location }) => location.path));
};

test('the linter refuses clocks, timers and randomness outside of src/runtime', () => {
  const folder = mkdtempSync(join(tmpdir(), 'oshi-lint-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const path of ['biome.json', 'tools/lint', 'package.json']) {
    cpSync(join(root, path), join(folder, path), { recursive: true });
  }
  for (const module of ['app', 'runtime'])
    mkdirSync(join(folder, 'src', module), { recursive: true });
  for (const [index, text] of [...refused, ...accepted].entries()) {
    writeFileSync(join(folder, `src/app/file-${index}.ts`), `${text}\n`);
  }
  for (const [index, text] of refused.entries()) {
    writeFileSync(join(folder, `src/runtime/file-${index}.ts`), `${text}\n`);
  }
  const found = filesWithFindings(folder);
  expect(refused.filter((_, index) => !found.has(`src/app/file-${index}.ts`))).toEqual([]);
  expect([...found].filter((path) => path.startsWith('src/runtime/'))).toEqual([]);
  expect(
    accepted.filter((_, index) => found.has(`src/app/file-${refused.length + index}.ts`)),
  ).toEqual([]);
});
