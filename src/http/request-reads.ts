import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Read, Reads, Turn } from '../app/limits/reads.ts';
import type { UserId } from '../events/ids.ts';

/**
 * The reads of HTTP requests: each holds its user's turn until its handler has finished. Must be called before the
 * routes are added, whose handlers it wraps.
 */
export const createRequestReads = (app: FastifyInstance, reads: Reads) => {
  const running = new WeakMap<FastifyRequest, Read>();

  app.addHook('onRoute', (route) => {
    // For all methods: fastify answers HEAD with the handler of GET.
    const { handler } = route;
    route.handler = async function handle(request, reply) {
      try {
        return await handler.call(this, request, reply);
      } finally {
        running.get(request)?.leave();
        running.delete(request);
      }
    };
  });

  return {
    /** Waits for the user's turn. Throws `Refused` if too many wait already. */
    async begin(request: FastifyRequest, user: UserId): Promise<void> {
      running.set(request, await reads.enter(user));
    },
    /** Yields to other work within a handler that has begun to read. */
    turnOf(request: FastifyRequest): Turn {
      const read = running.get(request);
      if (!read) throw new Error(`${request.method} ${request.url} has not begun to read`);
      return read.turn;
    },
  };
};

export type RequestReads = ReturnType<typeof createRequestReads>;
