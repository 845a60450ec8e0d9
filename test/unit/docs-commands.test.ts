import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { commands } from '../../src/cli/commands.ts';

const root = resolve(import.meta.dirname, '../..');
const page = (path: string): string => readFileSync(join(root, path), 'utf8');

it('docs/configuration.md lists every command, in the order of the help', () => {
  const written = [...page('docs/configuration.md').matchAll(/^\| `npx oshi (\w+)` \|/gm)];
  const known = Object.values(commands).flatMap(Object.keys);
  expect(written.map(([, name]) => name)).toEqual([...known, 'help']);
});

it('the documentation and the examples use one name of the program', () => {
  const pages = ['docs', 'examples'].flatMap((folder) =>
    readdirSync(join(root, folder)).map((name) => `${folder}/${name}`),
  );
  const texts = ['README.md', ...pages].filter((name) => /\.(md|js|ts|py)$/.test(name));
  expect(texts.length).toBeGreaterThan(10);
  expect(texts.filter((name) => /dist\/cli|node .*oshi\.js/.test(page(name)))).toEqual([]);
});
