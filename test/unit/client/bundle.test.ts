import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { expect, it } from 'vitest';

const entries = [
  'client',
  'account',
  'http',
  'stream-state',
  'circle-state',
  'me-state',
  'presence-state',
];

it('is under 10 KiB, runs in a browser, and only uses its own folder', async () => {
  const { outputFiles, metafile } = await build({
    stdin: {
      contents: entries.map((entry) => `export * from './${entry}.ts';`).join(''),
      resolveDir: 'src/client',
    },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    write: false,
    metafile: true,
  });
  const [bundle] = outputFiles;
  expect(gzipSync(bundle?.contents ?? '').length).toBeLessThan(10 * 1024);
  const inputs = Object.keys(metafile.inputs).filter((path) => path !== '<stdin>');
  expect(inputs.filter((path) => !path.startsWith('src/client/'))).toEqual([]);
  expect(bundle?.text).not.toContain('node:');
});
