import { hash } from 'node:crypto';
import { ReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import type { FastifyInstance } from 'fastify';

/** The version of a file when it was read, and the entity tag of its content. */
type Tagged = { readonly version: string; readonly tag: string };

/** Computes entity tags of file contents. A file is read again after it was replaced or changed. */
const contentTags = () => {
  const known = new Map<string, Tagged>();
  return async (path: string): Promise<string> => {
    const { ino, size, ctimeMs } = await stat(path);
    const version = `${ino} ${size} ${ctimeMs}`;
    const before = known.get(path);
    if (before?.version === version) return before.tag;
    const digest = hash('sha256', await readFile(path), 'base64url');
    const tag = `"${digest.slice(0, 22)}"`;
    known.set(path, { version, tag });
    return tag;
  };
};

/** Whether `If-None-Match` contains a tag, compared weakly (RFC 9110, 13.1.2): a compressing proxy makes it weak. */
const names = (header: string | undefined, tag: string): boolean =>
  header?.split(',').some((each) => each.trim().replace(/^W\//, '') === tag) ?? false;

/**
 * Tags files by their content instead of their time: all files of an npm package have the same time, and pages of two
 * versions may have the same size, so that a browser would keep the old one. Must be added before the routes.
 */
export const tagFiles = (app: FastifyInstance): void => {
  const tagOf = contentTags();
  app.addHook('onSend', async (request, reply, payload) => {
    // The page for unknown addresses is not the requested file.
    if (!(payload instanceof ReadStream) || reply.statusCode === 404) return payload;
    const tag = await tagOf(String(payload.path));
    void reply.header('etag', tag).removeHeader('last-modified');
    if (!names(request.headers['if-none-match'], tag)) return payload;
    payload.destroy();
    for (const name of ['content-length', 'content-type', 'content-encoding']) {
      void reply.removeHeader(name);
    }
    void reply.code(304);
    return null;
  });
};
