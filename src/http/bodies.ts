import { isUtf8 } from 'node:buffer';
import { finished } from 'node:stream/promises';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { limits } from '../app/limits/limits.ts';
import { Refused } from '../app/refusals.ts';
import { isTooDeep } from '../app/validation.ts';

/** Parses a body as JSON in valid UTF-8; an empty one is undefined. */
const parseBody = (bytes: Buffer): unknown => {
  if (bytes.length === 0) return undefined;
  if (!isUtf8(bytes)) throw badBody('the body is not valid UTF-8');
  const value = parseJson(bytes.toString('utf8'));
  if (isTooDeep(value)) throw badBody('the body is nested too deeply');
  return value;
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw badBody('the body is not valid JSON', cause);
  }
};

const badBody = (message: string, cause?: unknown): Refused =>
  new Refused('bad-request', { message }, cause);

/** A larger body is not read: the connection is closed while it is sent. */
const discardedBytesMax = 4 * limits.bodyBytesMax;

/**
 * Reads and discards a body that is somewhat too large before refusing it: a proxy that is still sending it would
 * report an error of its own otherwise.
 */
const refuseLarge = async ({ headers, raw }: FastifyRequest): Promise<void> => {
  const length = Number(headers['content-length']);
  if (!(length > limits.bodyBytesMax && length <= discardedBytesMax)) return;
  await finished(raw.resume(), { writable: false }).catch(() => undefined);
  throw new Refused('too-large');
};

/** Accepts JSON only (H6). */
export const acceptJson = (app: FastifyInstance): void => {
  app.addHook('preParsing', refuseLarge);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    async (_request: unknown, body: Buffer) => parseBody(body),
  );
};

/** The fields of a body; none if it is empty. */
export const fieldsOf = (body: unknown): Record<string, unknown> => {
  if (body === undefined) return {};
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) {
    return body as Record<string, unknown>;
  }
  throw badBody('the body must be a JSON object');
};
