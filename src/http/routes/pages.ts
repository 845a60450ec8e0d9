import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

/** The pages for browsers, beside the code in the package. */
const folder = new URL('../../../web/', import.meta.url);

/** What a browser is shown: files that anybody may see. */
export const pageRoutes = async (app: FastifyInstance): Promise<void> => {
  await app.register(fastifyStatic, {
    root: folder.pathname,
    wildcard: false,
    cacheControl: true,
    maxAge: 3_600_000,
  });
};
