import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const page = read('CONTRIBUTING.md');

test('every file named in CONTRIBUTING.md exists', () => {
  const named = [...page.matchAll(/`((?:src|web|test|docs)\/[^`\s]*)`|\]\(([^)#:]+)[^)]*\)/g)];
  const paths = named.map(([, code, link]) => code ?? link ?? '');
  expect(paths.length).toBeGreaterThan(25);
  expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

test('every script named in CONTRIBUTING.md exists', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  const named = [...page.matchAll(/`npm run ([\w:]+)/g)].map(([, name = '']) => name);
  expect(named.length).toBeGreaterThan(8);
  expect(named.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
});

test('the glossary stays short, with each term once', () => {
  const lines = read('docs/glossary.md').trimEnd().split('\n');
  expect(lines.length).toBeLessThanOrEqual(40);
  const terms = lines.filter((line) => line.startsWith('| ')).map((line) => line.split('|')[1]);
  expect(new Set(terms).size).toBe(terms.length);
});
