import type { FastifyRequest } from 'fastify';
import { Refused } from '../app/refusals.ts';

const schemes: Readonly<Record<string, string>> = { ws: 'http', wss: 'https' };

/**
 * The scheme by which a client reached the server or the trusted proxy: `http` or `https`. In a chain of proxies the
 * first one counts, which the client connected to; some send `ws` and `wss` for WebSockets.
 */
export const schemeOf = (request: FastifyRequest): string => {
  const forwarded = [request.headers['x-forwarded-proto'] ?? ''].flat().join(',').split(',');
  // Fastify returns the last one if it trusts the proxy.
  const isTrusted = forwarded.at(-1)?.trim() === request.protocol;
  const scheme = (isTrusted ? forwarded[0] : request.protocol)?.trim().toLowerCase() ?? '';
  return schemes[scheme] ?? scheme;
};

/** Normalises an origin: lower case, without a default port. */
const normal = (origin: string): string | undefined =>
  URL.canParse(origin) ? new URL(origin).origin : undefined;

/** Whether a request was sent by a page of this server. */
export const isOwnOrigin = (request: FastifyRequest): boolean => {
  const { origin } = request.headers;
  const own = normal(`${schemeOf(request)}://${request.host}`);
  return origin !== undefined && own !== undefined && own !== 'null' && normal(origin) === own;
};

const unsafe: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

/**
 * Refuses a write request with a cookie that may come from a foreign page (H7): its `Origin` must be the server's own,
 * or be absent while `Sec-Fetch-Site` is `same-origin`, `none` or absent.
 */
export const refuseForeign = (request: FastifyRequest): void => {
  if (!unsafe.has(request.method)) return;
  const { origin, 'sec-fetch-site': site } = request.headers;
  const own =
    origin === undefined
      ? site === undefined || site === 'same-origin' || site === 'none'
      : isOwnOrigin(request);
  if (!own) throw new Refused('forbidden', { message: 'a page of another origin cannot do this' });
};
