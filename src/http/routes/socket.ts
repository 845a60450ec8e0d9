import type { WebSocket } from '@fastify/websocket';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Refused } from '../../app/refusals.ts';
import type { Authentication } from '../authentication.ts';
import { describesServer } from '../description/route.ts';
import { type AcceptingDeps, accepting } from '../socket/accepting.ts';
import { upgradeOf } from '../socket/upgrade.ts';

export type SocketRouteDeps = AcceptingDeps & { readonly authentication: Authentication };

/** `GET /v1/connect`: the WebSocket. */
export const socketRoute = (app: FastifyInstance, deps: SocketRouteDeps): void => {
  const accept = accepting(deps);
  const open = (ws: WebSocket, request: FastifyRequest): void => {
    // The plugin's listener would keep the request in memory for the lifetime of the socket.
    ws.removeAllListeners('error');
    accept({ ws, socket: request.raw.socket, upgrade: upgradeOf(request, deps.authentication) });
  };

  app.route({
    method: 'GET',
    url: '/v1/connect',
    ...describesServer({
      id: 'connect',
      summary: 'The WebSocket, which `/asyncapi.json` describes.',
      answers: { 101: undefined },
      refuses: ['bad-request'],
    }),
    handler: async () => {
      const message = 'this is a WebSocket: connect with the subprotocol oshi.v1';
      throw new Refused('bad-request', { message });
    },
    wsHandler: open,
  });
};
