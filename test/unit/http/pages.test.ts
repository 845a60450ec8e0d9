import { mkdirSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fastify from 'fastify';
import { describe, expect, it, onTestFinished } from 'vitest';
import { tagFiles } from '../../../src/http/file-tags.ts';
import { pageRoutes } from '../../../src/http/routes/pages.ts';
import { serverWithRoutes } from '../../support/fixtures/server-routes.ts';

const serverAndFolder = async (files: Readonly<Record<string, string>>) => {
  const folder = mkdtempSync(join(tmpdir(), 'oshi-page-'));
  mkdirSync(join(folder, 'assets'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const app = fastify();
  tagFiles(app);
  await pageRoutes(app, folder);
  onTestFinished(async () => {
    await app.close();
    rmSync(folder, { recursive: true });
  });
  return { app, folder };
};

const serverOf = async (files: Readonly<Record<string, string>>) =>
  (await serverAndFolder(files)).app;

const files = {
  'index.html': '<!doctype html>',
  'mark.svg': '<svg/>',
  'assets/a-1.js': 'let long = 1',
  'assets/a-1.js.br': 'short',
};

it.each([
  '/',
  '/find',
  '/history',
  '/history/x',
  '/c/x',
  '/c/x/y',
  '/invite/code',
  '/settings',
  '/settings/profile',
])('%s is the page, which is asked for each time', async (url) => {
  const app = await serverOf(files);
  const { body, headers } = await app.inject({ url });
  expect(body).toBe('<!doctype html>');
  expect(headers).toMatchObject({
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-cache',
  });
});

it('what is named by what it holds is kept for ever, and sent compressed', async () => {
  const app = await serverOf(files);
  const url = '/assets/a-1.js';
  const plain = await app.inject({ url });
  expect(plain.body).toBe('let long = 1');
  expect(plain.headers['cache-control']).toBe('public, max-age=31536000, immutable');
  const small = await app.inject({ url, headers: { 'accept-encoding': 'br' } });
  expect(small.body).toBe('short');
  expect(small.headers).toMatchObject({
    'content-encoding': 'br',
    'content-type': plain.headers['content-type'],
  });
  expect((await app.inject({ url: '/mark.svg' })).headers['content-type']).toBe('image/svg+xml');
});

it.each(['/v1/circles', '/assets/none.js', '/none', '/index.html', '/assets/../index.html'])(
  '%s is no page',
  async (url) => {
    const app = await serverOf(files);
    expect((await app.inject({ url })).statusCode).toBe(404);
  },
);

it('says in one line that the page is not built', async () => {
  const app = await serverOf({});
  const { body, statusCode } = await app.inject({ url: '/' });
  expect(statusCode).toBe(200);
  expect(body).toMatch(/^Oshi is running\..*npm run build.*\n$/);
});

it('the files of /docs are marked by what they hold, too', async () => {
  const { app } = await serverWithRoutes();
  onTestFinished(() => app.close());
  const url = '/docs/static/swagger-ui.css';
  const { headers } = await app.inject({ url });
  expect(headers.etag).toMatch(/^"[\w-]{22}"$/);
  expect(headers).not.toHaveProperty('last-modified');
  const again = await app.inject({ url, headers: { 'if-none-match': `${headers.etag}` } });
  expect([again.statusCode, again.body]).toEqual([304, '']);
});

/** The time of all files in an npm package. */
const packageTime = new Date('1985-10-26T08:15:00Z');

describe.each([
  ['/', 'index.html', 'identity'],
  ['/mark.svg', 'mark.svg', 'identity'],
  ['/assets/a-1.js', 'assets/a-1.js.br', 'br'],
])('%s as %s in %s', (url, file, encoding) => {
  const asking = async () => {
    const { app, folder } = await serverAndFolder(files);
    const path = join(folder, file);
    utimesSync(path, packageTime, packageTime);
    const ask = (tag?: string) => {
      const conditions = tag === undefined ? {} : { 'if-none-match': tag };
      return app.inject({ url, headers: { 'accept-encoding': encoding, ...conditions } });
    };
    return { path, ask };
  };

  it('is not sent again while it is the same', async () => {
    const { ask } = await asking();
    const { headers, body } = await ask();
    const { etag = '' } = headers;
    expect(etag).toMatch(/^"[\w-]{22}"$/);
    expect(headers).not.toHaveProperty('last-modified');
    for (const tag of [etag, `W/${etag}`, `"other", ${etag}`]) {
      const again = await ask(tag);
      expect([again.statusCode, again.body, again.headers.etag]).toEqual([304, '', etag]);
      expect(again.headers).not.toHaveProperty('content-length');
      expect(again.headers['cache-control']).toBe(headers['cache-control']);
    }
    const other = await ask('"other"');
    expect([other.statusCode, other.body]).toEqual([200, body]);
  });

  it('is sent anew when another file of the same time and size is in its place', async () => {
    const { path, ask } = await asking();
    const { headers, body } = await ask();
    const { etag } = headers;
    const next = body.replace(/./, '!');
    writeFileSync(`${path}.next`, next);
    utimesSync(`${path}.next`, packageTime, packageTime);
    renameSync(`${path}.next`, path);
    const again = await ask(etag);
    expect([again.statusCode, again.body]).toEqual([200, next]);
    expect(again.headers.etag).not.toBe(etag);
  });
});
