import type { FastifyReply, FastifyRequest } from 'fastify';
import { limits } from '../app/limits/limits.ts';
import type { ReadBarrier } from '../app/read-barrier.ts';
import { Refused } from '../app/refusals.ts';
import type { ServerSecret } from '../app/sessions/server-secret.ts';
import type { Caller, Sessions } from '../app/sessions/sessions.ts';
import type { EventLog } from '../events/log.ts';
import { parsePosition } from '../events/position.ts';
import { giveSession, hostName, isOverTls, plainName, takeSession } from './cookies.ts';
import { refuseForeign } from './origin.ts';
import type { RequestReads } from './request-reads.ts';

/** The token of a request's `Authorization`; undefined if it has none. */
export const bearerOf = ({ authorization = '' }: FastifyRequest['headers']): string | undefined =>
  /^Bearer +([^ ]+) *$/i.exec(authorization)?.[1];

export type AuthenticationDeps = {
  readonly sessions: Pick<Sessions, 'authenticate'>;
  readonly barrier: Pick<ReadBarrier, 'applied' | 'waitUntilApplied' | 'waitForSession'>;
  readonly log: Pick<EventLog, 'info' | 'head'>;
  readonly secret: ServerSecret;
  readonly now: () => number;
  readonly requestReads: RequestReads;
};

/** A token that is valid if its session was opened before a time, in ms since 1970. */
export type Proof = { readonly token: string; readonly openedBefore: number };

const badPosition = (message: string): Refused =>
  new Refused('bad-request', { field: 'Oshi-Position', message });

/** A token that is valid whenever its session was opened. */
export const proof = (token: string): Proof => ({ token, openedBefore: Number.POSITIVE_INFINITY });

/**
 * Refuses a request whose `Oshi-User` is not the user of its session. The tabs of a browser share one cookie, so a login
 * in another tab may have replaced the session that this tab shows.
 */
const refuseOtherUser = (request: FastifyRequest, { user }: Caller): void => {
  const meant = request.headers['oshi-user'];
  if (meant === undefined || meant === user) return;
  const message = 'the session belongs to another user; log in again, or omit Oshi-User';
  throw new Refused('forbidden', { field: 'Oshi-User', message });
};

/** Authenticates a token; undefined if it is wrong, closed or expired, or its session was opened too late. */
export const callerBy = async (
  sessions: Pick<Sessions, 'authenticate'>,
  given: Proof | undefined,
): Promise<Caller | undefined> => {
  const caller = given && (await sessions.authenticate(given.token));
  return caller && caller.createdAt < given.openedBefore ? caller : undefined;
};

/**
 * The session cookie. Over TLS its name has a prefix that keeps others from planting it. A cookie under the plain name
 * is accepted there only if its session was opened before this version of the server first started, and only for the
 * lifetime of such a cookie, so that a planted cookie with another user's session is not accepted.
 */
const sessionCookie = (
  request: FastifyRequest,
  { secret, now }: Pick<AuthenticationDeps, 'secret' | 'now'>,
): Proof | undefined => {
  const { [plainName]: plain, [hostName]: own } = request.cookies;
  if (!isOverTls(request)) return plain === undefined ? undefined : proof(plain);
  if (own !== undefined) return proof(own);
  if (plain === undefined || now() - secret.madeAt > limits.sessionMs) return undefined;
  return { token: plain, openedBefore: secret.madeAt };
};

/** Authenticates HTTP requests by a bearer token, or else by the session cookie. */
export const createAuthentication = (deps: AuthenticationDeps) => {
  const { sessions, barrier, log, requestReads } = deps;
  /** Requests whose cookie is to be renewed: it is old enough, or has the plain name over TLS. */
  const renewing = new WeakMap<FastifyRequest, string>();
  /** When this process last set the cookie of a session. */
  const givenAt = new WeakMap<Caller, number>();

  const cookieOf = (request: FastifyRequest) => sessionCookie(request, deps);

  const proofOf = (request: FastifyRequest): Proof | undefined => {
    if (request.headers.authorization !== undefined) {
      const token = bearerOf(request.headers);
      return token === undefined ? undefined : proof(token);
    }
    const cookie = cookieOf(request);
    if (cookie !== undefined) refuseForeign(request);
    return cookie;
  };

  const authenticate = async (request: FastifyRequest): Promise<Caller> => {
    const given = proofOf(request);
    const caller = await callerBy(sessions, given);
    if (!caller) throw new Refused('unauthenticated');
    refuseOtherUser(request, caller);
    if (given && request.headers.authorization === undefined) renew(request, caller, given);
    return caller;
  };

  /** Renews the cookie of a session that is in use, so that it does not expire (H7). */
  const renew = (request: FastifyRequest, caller: Caller, given: Proof): void => {
    const now = deps.now();
    const isOldName = Number.isFinite(given.openedBefore);
    const age = Math.abs(now - (givenAt.get(caller) ?? caller.createdAt));
    if (!isOldName && age < limits.cookieMs) return;
    givenAt.set(caller, now);
    renewing.set(request, given.token);
  };

  /**
   * Waits until the read models have applied a position from a client. Clients can send any position, so nothing is
   * kept of it, and one beyond the end of the log is refused. A position that another node has answered is in the log.
   */
  const waitForPosition = async (header: string): Promise<void> => {
    const position = parsePosition(header, log.info.partitions);
    if (!position) {
      throw badPosition(
        'Oshi-Position must be <partition>:<seq>, as returned by an earlier response',
      );
    }
    if (barrier.applied(position.partition) >= position.seq) return;
    if (position.seq > (await log.head(position.partition))) {
      throw badPosition(
        'Oshi-Position is beyond the end of this log; send one returned by an earlier response',
      );
    }
    await barrier.waitUntilApplied(position);
  };

  return {
    cookieOf,
    /** Authenticates a request that writes. */
    writer: authenticate,
    /**
     * Authenticates a request that reads, and waits until the read models have applied what the session has seen (W18)
     * and it is the user's turn. Throws `Refused`.
     */
    async reader(request: FastifyRequest): Promise<Caller> {
      const caller = await authenticate(request);
      const header = request.headers['oshi-position'];
      if (typeof header === 'string') await waitForPosition(header);
      await barrier.waitForSession(caller.seen);
      await requestReads.begin(request, caller.user);
      return caller;
    },
    /** Yields to other work within a reading handler. */
    turnOf: requestReads.turnOf,
    /** Called for each response: sets the cookie again if it is due. */
    renew(request: FastifyRequest, reply: FastifyReply): void {
      const token = renewing.get(request);
      if (token !== undefined) giveSession(request, reply, token);
    },
    /** Clears the session cookie of a browser. */
    forget(request: FastifyRequest, reply: FastifyReply): void {
      renewing.delete(request);
      if (request.headers.authorization === undefined) takeSession(request, reply);
    },
  };
};

export type Authentication = ReturnType<typeof createAuthentication>;
