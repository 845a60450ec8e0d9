import type { WebSocket } from '@fastify/websocket';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ConnectionActor } from '../../actors/connection/actor.ts';
import type { ConnectionRecorder } from '../../actors/connection/recorder.ts';
import { type ConnectionId, uuid7 } from '../../events/ids.ts';
import { cookieName } from '../authentication.ts';
import type { Metrics } from '../metrics.ts';
import { isOwnOrigin } from '../origin.ts';
import { Refused } from '../refusals.ts';
import { Connection, type Responder, type Upgrade } from '../socket/connection.ts';
import type { Connections } from '../socket/connections.ts';

export type SocketRouteDeps = {
  readonly connections: Connections;
  readonly responder: Responder;
  readonly recorder: ConnectionRecorder;
  readonly metrics: Metrics;
  readonly rateLimits: boolean;
  readonly now: () => number;
  readonly onError: (error: Error) => void;
};

const upgradeOf = (request: FastifyRequest): Upgrade => ({
  address: request.ip,
  userAgent: request.headers['user-agent']?.slice(0, 256),
  cookie: isOwnOrigin(request) ? request.cookies[cookieName] : undefined,
});

/** `GET /v1/connect`: where sockets come in. */
export const socketRoute = (app: FastifyInstance, deps: SocketRouteDeps): void => {
  const { connections, responder, recorder, rateLimits, metrics, now, onError } = deps;

  const open = (ws: WebSocket, request: FastifyRequest): void => {
    const id = uuid7(now()) as ConnectionId;
    const upgrade = upgradeOf(request);
    const { address, userAgent } = upgrade;
    const actor = new ConnectionActor({ id, address, userAgent, recorder, now });
    const { socket } = request.raw;
    const connection = new Connection({
      ...{ id, ws, socket, upgrade, actor },
      ...{ responder, rateLimits, now, onError, onDropped: metrics.onDropped },
    });
    connections.add(connection);
    // The plugin's own listener would keep the request in memory for as long as the socket lives.
    ws.removeAllListeners('error');
    ws.on('error', () => undefined);
    ws.on('close', (code: number) => {
      actor.close(code);
      connection.dropAll();
      connections.remove(connection);
    });
  };

  app.route({
    method: 'GET',
    url: '/v1/connect',
    handler: async () => {
      const message = 'this is a WebSocket: connect with the subprotocol oshi.v1';
      throw new Refused('bad-request', { message });
    },
    wsHandler: open,
  });
};
