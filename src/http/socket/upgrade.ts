import type { FastifyRequest } from 'fastify';
import type { Authentication, Proof } from '../authentication.ts';
import { isOwnOrigin } from '../origin.ts';

/** The relevant parts of an upgrade request. */
export type Upgrade = {
  readonly address: string;
  readonly userAgent: string | undefined;
  /** The session cookie, if the upgrade came from the server's own origin. */
  readonly cookie: Proof | undefined;
};

export const upgradeOf = (request: FastifyRequest, authentication: Authentication): Upgrade => ({
  address: request.ip,
  userAgent: request.headers['user-agent']?.slice(0, 256),
  cookie: isOwnOrigin(request) ? authentication.cookieOf(request) : undefined,
});
