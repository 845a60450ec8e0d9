import type { FastifyRequest } from 'fastify';
import { Refused } from './refusals.ts';

/** The server's own origin, as the request came to it. */
const ownOrigin = ({ protocol, host }: FastifyRequest): string => `${protocol}://${host}`;

/** Whether a request comes from a page of this server. */
export const isOwnOrigin = (request: FastifyRequest): boolean =>
  request.headers.origin === ownOrigin(request);

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
