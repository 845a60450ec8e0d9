import { existsSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** The output of `npm run build`. It is located through the package, since this file may be part of a bundle. */
const built = join(
  dirname(createRequire(import.meta.url).resolve('oshi/package.json')),
  'dist/web',
);

/** The addresses of the page, and the files that it loads. */
const pagePaths = {
  page: ['/', '/find', '/history', '/history/*', '/c/*', '/invite/*', '/settings', '/settings/*'],
  files: ['/mark.svg', '/assets/*'],
} as const;

const hidden = { schema: { hide: true } };
const yearMs = 31_536_000_000;

/** Sends the page, or one line that explains why there is none. */
const sendPage = (reply: FastifyReply, folder: string): FastifyReply => {
  if (existsSync(join(folder, 'index.html'))) {
    return reply.sendFile('index.html', { cacheControl: false });
  }
  return reply
    .type('text/plain; charset=utf-8')
    .send('Oshi is running. Its page is not built: `npm run build` builds it.\n');
};

/** Whether a browser navigates to an address, as opposed to a program or a script that requests it. */
export const isNavigation = ({
  method = '',
  headers,
}: Pick<IncomingMessage, 'method' | 'headers'>): boolean =>
  ['GET', 'HEAD'].includes(method) && /\btext\/html\b/.test(headers.accept ?? '');

/** Answers a browser that navigates to an unknown address with the page, which reports that. Undefined for others. */
export const pageOfNothing = (
  request: FastifyRequest,
  reply: FastifyReply,
  folder = built,
): FastifyReply | undefined => {
  if (!isNavigation(request)) return undefined;
  return sendPage(reply.code(404).header('cache-control', 'no-cache'), folder);
};

/** The page and its files, which are public. Names of files under `/assets` contain a hash of the content. */
export const pageRoutes = async (app: FastifyInstance, folder = built): Promise<void> => {
  await app.register(fastifyStatic, {
    root: folder,
    serve: false,
    preCompressed: true,
    suppressWarning: true,
    // `tagFiles` sets the tags.
    etag: false,
    lastModified: false,
  });
  for (const path of pagePaths.page) {
    app.get(path, hidden, (_request, reply) =>
      sendPage(reply.header('cache-control', 'no-cache'), folder),
    );
  }
  const sendOwn = (request: FastifyRequest, reply: FastifyReply) =>
    reply.sendFile(request.url.split('?', 1).join('').slice(1), {
      maxAge: request.url.startsWith('/assets/') ? yearMs : 86_400_000,
      immutable: request.url.startsWith('/assets/'),
    });
  for (const path of pagePaths.files) app.get(path, hidden, sendOwn);
};
