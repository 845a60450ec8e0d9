import type { FastifyRequest } from 'fastify';
import { Refused } from '../app/refusals.ts';

const schemes: Readonly<Record<string, string>> = { ws: 'http', wss: 'https' };

/**
 * The scheme by which a client reached the server, or the proxy whose word is taken: `http` or `https`. Of a chain of
 * proxies the first counts, which the client spoke to; some of them say `ws` and `wss` of WebSockets.
 */
export const schemeOf = (request: FastifyRequest): string => {
  const said = [request.headers['x-forwarded-proto'] ?? ''].flat().join(',').split(',');
  // Fastify gives the last one, if it takes the proxy's word.
  const isTaken = said.at(-1)?.trim() === request.protocol;
  const scheme = (isTaken ? said[0] : request.protocol)?.trim().toLowerCase() ?? '';
  return schemes[scheme] ?? scheme;
};

/** An origin in the form in which all that are the same are equal: lower case, without a port that is the default. */
const normal = (origin: string): string | undefined =>
  URL.canParse(origin) ? new URL(origin).origin : undefined;

/** Whether a request comes from a page of this server. */
export const isOwnOrigin = (request: FastifyRequest): boolean => {
  const { origin } = request.headers;
  const own = normal(`${schemeOf(request)}://${request.host}`);
  return origin !== undefined && own !== undefined && own !== 'null' && normal(origin) === own;
};

const unsafe: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

/**
 * Refuses a request by cookie that would change something and may come from a page of somebody else (H7): its
 * `Origin` must be the server's own, or there is none and `Sec-Fetch-Site` is `same-origin`, `none` or absent.
 */
export const refuseForeign = (request: FastifyRequest): void => {
  if (!unsafe.has(request.method)) return;
  const { origin, 'sec-fetch-site': site } = request.headers;
  const own =
    origin === undefined
      ? site === undefined || site === 'same-origin' || site === 'none'
      : isOwnOrigin(request);
  if (!own) throw new Refused('forbidden', { message: 'a page of another origin may not do this' });
};
