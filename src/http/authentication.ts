import '@fastify/cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { EventLog } from '../events/log.ts';
import { limits } from './limits.ts';
import { refuseForeign } from './origin.ts';
import { positionOf, type Reader } from './reader.ts';
import { Refused } from './refusals.ts';
import type { RequestReads } from './request-reads.ts';
import type { Caller, Sessions } from './sessions.ts';

/** The name of the cookie that carries a session's token. */
export const cookieName = 'oshi_session';

const bearer = /^Bearer +([^ ]+) *$/i;

export type AuthenticationDeps = {
  readonly sessions: Pick<Sessions, 'authenticate'>;
  readonly reader: Pick<Reader, 'applied' | 'shown' | 'ready'>;
  readonly log: Pick<EventLog, 'info' | 'head'>;
  readonly requestReads: RequestReads;
};

const badPosition = (message: string): Refused =>
  new Refused('bad-request', { field: 'Oshi-Position', message });

/** Finds out who asks over HTTP: by a bearer token, else by the session cookie. */
export const createAuthentication = ({
  sessions,
  reader,
  log,
  requestReads,
}: AuthenticationDeps) => {
  const tokenOf = (request: FastifyRequest): string | undefined => {
    const { authorization } = request.headers;
    if (authorization !== undefined) return bearer.exec(authorization)?.[1];
    const cookie = request.cookies[cookieName];
    if (cookie !== undefined) refuseForeign(request);
    return cookie;
  };

  const authenticate = async (request: FastifyRequest): Promise<Caller> => {
    const token = tokenOf(request);
    const caller = token === undefined ? undefined : await sessions.authenticate(token);
    if (!caller) throw new Refused('unauthenticated');
    return caller;
  };

  /**
   * Waits until the read models have applied a position that a client names. A client can name any: so nothing of it is
   * kept, and one that this log has not come to is refused. What another node has answered is in the log.
   */
  const reach = async (header: string): Promise<void> => {
    const position = positionOf(header, log.info.partitions);
    if (!position)
      throw badPosition('Oshi-Position is <partition>:<place>, as an answer carried it');
    if (reader.applied(position.partition) >= position.seq) return;
    if (position.seq > (await log.head(position.partition))) {
      throw badPosition(
        'Oshi-Position is beyond the end of this log; send one that an answer carried',
      );
    }
    await reader.shown(position);
  };

  return {
    /** Who asks to change something. */
    writer: authenticate,
    /**
     * Who asks to read something, once the read models show all that they have seen (W18) and it is their turn. Throws
     * `Refused`.
     */
    async reader(request: FastifyRequest): Promise<Caller> {
      const caller = await authenticate(request);
      const header = request.headers['oshi-position'];
      if (typeof header === 'string') await reach(header);
      await reader.ready(caller.seen);
      await requestReads.begin(request, caller.user);
      return caller;
    },
    /** How the handler of a request by a reader lets others have their turn. */
    turnOf: requestReads.turnOf,
  };
};

export type Authentication = ReturnType<typeof createAuthentication>;

const cookieOptions = (request: FastifyRequest) =>
  ({
    path: '/',
    httpOnly: true,
    sameSite: 'lax',
    secure: request.protocol === 'https',
  }) as const;

/** Gives the session cookie, which lasts as long as a session that is not used. */
export const giveCookie = (request: FastifyRequest, reply: FastifyReply, token: string): void => {
  const maxAge = limits.sessionMs / 1000;
  void reply.setCookie(cookieName, token, { ...cookieOptions(request), maxAge });
};

/** Takes the session cookie away from a browser that came by it. */
export const takeCookie = (request: FastifyRequest, reply: FastifyReply): void => {
  if (request.headers.authorization !== undefined || !request.cookies[cookieName]) return;
  void reply.clearCookie(cookieName, cookieOptions(request));
};
