import '@fastify/cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { limits } from '../app/limits/limits.ts';
import { schemeOf } from './origin.ts';

/** The session cookie over plain HTTP. */
export const plainName = 'oshi_session';
/**
 * The session cookie over TLS. Browsers accept this prefix only over TLS and for this host, so that no page of a
 * neighbouring host and no plain connection can plant it.
 */
export const hostName = `__Host-${plainName}`;
const deviceName = 'oshi_device';

/** Whether a request came over TLS, at least up to a trusted proxy. */
export const isOverTls = (request: FastifyRequest): boolean => schemeOf(request) === 'https';

const options = (request: FastifyRequest) =>
  ({ path: '/', httpOnly: true, sameSite: 'lax', secure: isOverTls(request) }) as const;

/** Sets the session cookie, which lasts as long as an unused session, and clears one under the plain name. */
export const giveSession = (request: FastifyRequest, reply: FastifyReply, token: string): void => {
  const name = isOverTls(request) ? hostName : plainName;
  void reply.setCookie(name, token, { ...options(request), maxAge: limits.sessionMs / 1000 });
  if (name !== plainName && request.cookies[plainName]) {
    void reply.clearCookie(plainName, options(request));
  }
};

/** Clears the session cookies that a browser sent. */
export const takeSession = (request: FastifyRequest, reply: FastifyReply): void => {
  for (const name of [hostName, plainName]) {
    if (request.cookies[name]) void reply.clearCookie(name, options(request));
  }
};

/**
 * Whether the client is a browser: all browsers send one of these headers with requests that write. Other programs keep
 * no cookies.
 */
const isBrowser = ({ headers }: FastifyRequest): boolean =>
  headers.origin !== undefined || headers['sec-fetch-site'] !== undefined;

/** Sets the device cookie, which is sent only with logins. */
export const giveDevice = (request: FastifyRequest, reply: FastifyReply, mark: string): void => {
  if (!isBrowser(request)) return;
  const maxAge = limits.deviceMs / 1000;
  const where = { path: '/v1/sessions', sameSite: 'strict' } as const;
  void reply.setCookie(deviceName, mark, { ...options(request), ...where, maxAge });
};

/** The device cookie of a request, if any. */
export const deviceOf = (request: FastifyRequest): string | undefined =>
  request.cookies[deviceName];
