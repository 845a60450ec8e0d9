import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';

const folder = resolve(import.meta.dirname, '../../dist/web');
/** Loaded on demand: the history of a circle, and the highlighter. */
const onDemand = /^(history-page|worker)-/;

const bytesMax = 85_000;
const scriptBytesMax = 80_000;
const partBytesMax = 45_000;

it('the page is at most 85 kB compressed, its script 80 kB, and each part on demand 45 kB', () => {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\.(br|gz)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
  const sizes = files.map((file) => ({
    name: basename(file),
    bytes: gzipSync(readFileSync(file)).length,
  }));
  const parts = sizes.filter(({ name }) => onDemand.test(name));
  const first = sizes.filter(({ name }) => !onDemand.test(name));
  const scripts = first.filter(({ name }) => name.endsWith('.js'));
  const sum = first.reduce((total, { bytes }) => total + bytes, 0);
  process.stdout.write(`the page: ${first.length} files, ${sum} bytes compressed\n`);
  expect(first.length).toBeGreaterThanOrEqual(3);
  expect(parts).toHaveLength(2);
  expect(sum).toBeLessThanOrEqual(bytesMax);
  for (const { bytes } of scripts) expect(bytes).toBeLessThanOrEqual(scriptBytesMax);
  for (const { bytes } of parts) expect(bytes).toBeLessThanOrEqual(partBytesMax);
});
