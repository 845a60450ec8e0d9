import '@fastify/cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { limits } from '../app/limits/limits.ts';
import { schemeOf } from './origin.ts';

/** The session cookie over plain HTTP. */
export const plainName = 'oshi_session';
/**
 * The session cookie over TLS. Browsers take one with this prefix over TLS alone and for no other host: no page of a
 * neighbouring host, and nobody on a plain connection, can plant it.
 */
export const hostName = `__Host-${plainName}`;
const deviceName = 'oshi_device';

/** Whether a request came over TLS, at least up to a proxy whose word is taken. */
export const isOverTls = (request: FastifyRequest): boolean => schemeOf(request) === 'https';

const options = (request: FastifyRequest) =>
  ({ path: '/', httpOnly: true, sameSite: 'lax', secure: isOverTls(request) }) as const;

/** Gives the session cookie, which lasts as long as a session that is not used, in place of one under the plain name. */
export const giveSession = (request: FastifyRequest, reply: FastifyReply, token: string): void => {
  const name = isOverTls(request) ? hostName : plainName;
  void reply.setCookie(name, token, { ...options(request), maxAge: limits.sessionMs / 1000 });
  if (name !== plainName && request.cookies[plainName]) {
    void reply.clearCookie(plainName, options(request));
  }
};

/** Takes the session cookies away that a browser sent. */
export const takeSession = (request: FastifyRequest, reply: FastifyReply): void => {
  for (const name of [hostName, plainName]) {
    if (request.cookies[name]) void reply.clearCookie(name, options(request));
  }
};

/** Whether a browser asks: all of them send one of these with what changes something; programs keep no cookies. */
const isBrowser = ({ headers }: FastifyRequest): boolean =>
  headers.origin !== undefined || headers['sec-fetch-site'] !== undefined;

/** Gives the mark of the device, which comes back with logins alone. */
export const giveDevice = (request: FastifyRequest, reply: FastifyReply, mark: string): void => {
  if (!isBrowser(request)) return;
  const maxAge = limits.deviceMs / 1000;
  const where = { path: '/v1/sessions', sameSite: 'strict' } as const;
  void reply.setCookie(deviceName, mark, { ...options(request), ...where, maxAge });
};

/** The mark of the device from which a request comes, if it has one. */
export const deviceOf = (request: FastifyRequest): string | undefined =>
  request.cookies[deviceName];
