import { isUtf8 } from 'node:buffer';
import type { FastifyInstance } from 'fastify';
import { Refused } from '../app/refusals.ts';
import { isTooDeep } from '../app/validation.ts';

/** The JSON that a body holds, which must be valid UTF-8 and may be empty. */
const parseBody = (bytes: Buffer): unknown => {
  if (bytes.length === 0) return undefined;
  if (!isUtf8(bytes)) throw new Refused('bad-request', { message: 'the body is no valid UTF-8' });
  const value = parseJson(bytes.toString('utf8'));
  if (value === undefined) {
    throw new Refused('bad-request', { message: 'the body is no valid JSON' });
  }
  if (isTooDeep(value)) throw new Refused('bad-request', { message: 'the body nests too deep' });
  return value;
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** Takes JSON and nothing else (H6). */
export const acceptJson = (app: FastifyInstance): void => {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    async (_request: unknown, body: Buffer) => parseBody(body),
  );
};

/** The fields of a body; an absent one has none. */
export const fieldsOf = (body: unknown): Record<string, unknown> => {
  if (body === undefined) return {};
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) {
    return body as Record<string, unknown>;
  }
  throw new Refused('bad-request', { message: 'the body must be a JSON object' });
};
