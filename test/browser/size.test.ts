import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';

const folder = resolve(import.meta.dirname, '../../dist/web');
const bytesMax = 80_000;

it('the page is at most 80 kB, compressed', () => {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\.(br|gz)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
  const bytes = files.map((file) => gzipSync(readFileSync(file)).length);
  const sum = bytes.reduce((total, each) => total + each, 0);
  process.stdout.write(`the page: ${files.length} files, ${sum} bytes compressed\n`);
  expect(files.length).toBeGreaterThanOrEqual(3);
  expect(sum).toBeLessThanOrEqual(bytesMax);
});
