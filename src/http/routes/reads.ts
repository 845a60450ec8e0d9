import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Caller } from '../../app/sessions/sessions.ts';
import type { Authentication } from '../authentication.ts';
import { describes, type RouteDescription } from '../description/route.ts';

type ReadRequest = FastifyRequest<{ Params: Readonly<Record<Param, string>> }>;
type Param = 'id' | 'code' | 'circle' | 'stream' | 'message';

/** A request whose caller has been authenticated, when it is the caller's turn to read. */
type Asked = {
  readonly caller: Caller;
  readonly params: ReadRequest['params'];
  readonly query: unknown;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
};

/** Describes a route for the members of a circle or its owner, which refuses everyone else. */
export const describesInCircle = (about: RouteDescription) =>
  describes({ refuses: ['not-found', 'forbidden'], ...about });

/** Returns a function that adds a route for authenticated callers who read. */
export const readRoutes =
  (app: FastifyInstance, { authentication }: { readonly authentication: Authentication }) =>
  (
    url: string,
    about: ReturnType<typeof describes>,
    read: (asked: Asked) => Promise<unknown>,
  ): void => {
    app.get(url, about, async (request: ReadRequest, reply) => {
      const { params, query } = request;
      return read({ caller: await authentication.reader(request), params, query, request, reply });
    });
  };
