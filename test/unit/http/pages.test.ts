import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fastify from 'fastify';
import { expect, it, onTestFinished } from 'vitest';
import { pageRoutes } from '../../../src/http/routes/pages.ts';

const serverOf = async (files: Readonly<Record<string, string>>) => {
  const folder = mkdtempSync(join(tmpdir(), 'oshi-page-'));
  mkdirSync(join(folder, 'assets'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const app = fastify();
  await pageRoutes(app, folder);
  onTestFinished(async () => {
    await app.close();
    rmSync(folder, { recursive: true });
  });
  return app;
};

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
