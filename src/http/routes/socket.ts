import type { WebSocket } from '@fastify/websocket';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ConnectionActor } from '../../actors/connection/actor.ts';
import type { ConnectionRecorder } from '../../actors/connection/recorder.ts';
import { clientAddressOf } from '../../app/limits/client-address.ts';
import { limits } from '../../app/limits/limits.ts';
import { Refused } from '../../app/refusals.ts';
import { type ConnectionId, uuid7 } from '../../events/ids.ts';
import type { Live } from '../../hub/live/live.ts';
import type { Metrics } from '../../monitoring/metrics.ts';
import { Slices } from '../../runtime/slices.ts';
import type { Authentication } from '../authentication.ts';
import { describesServer } from '../description/route.ts';
import { Newcomers } from '../newcomers.ts';
import { closes } from '../socket/close-codes.ts';
import { Connection, type Responder } from '../socket/connection.ts';
import type { Connections } from '../socket/connections.ts';
import { upgradeOf } from '../socket/upgrade.ts';

export type SocketRouteDeps = {
  readonly authentication: Authentication;
  readonly connections: Connections;
  readonly live: Pick<Live, 'leave'>;
  readonly responder: Responder;
  readonly recorder: ConnectionRecorder;
  readonly metrics: Metrics;
  readonly rateLimits: boolean;
  readonly now: () => number;
  /** A monotonic clock, in ms. */
  readonly monotonic: () => number;
  readonly onError: (error: Error) => void;
};

/** `GET /v1/connect`: the WebSocket. */
export const socketRoute = (app: FastifyInstance, deps: SocketRouteDeps): void => {
  const { connections, live, responder, recorder, rateLimits, metrics, onError } = deps;
  const { now, monotonic } = deps;
  const newcomers = new Newcomers<Connection>({
    clientMax: limits.newcomersPerClientMax,
    siteMax: limits.newcomersPerSiteMax,
    totalMax: limits.newcomersMax,
    evict: (oldest) => oldest.cut(closes.tooMany),
  });

  const cleanups = new Slices();

  const open = (ws: WebSocket, request: FastifyRequest): void => {
    const id = uuid7(now()) as ConnectionId;
    const upgrade = upgradeOf(request, deps.authentication);
    const { address, userAgent } = upgrade;
    const actor = new ConnectionActor({ id, address, userAgent, recorder, now });
    const { socket } = request.raw;
    // The plugin's listener would keep the request in memory for the lifetime of the socket.
    ws.removeAllListeners('error');
    const leave = (): void => {
      if (connection.caller) live.leave(connection, connection.caller.user);
    };
    const connection: Connection = new Connection({
      scheduleCleanup: (run) => void cleanups.turn().then(run),
      id,
      ws,
      socket,
      upgrade,
      actor,
      responder,
      rateLimits,
      now: monotonic,
      onError,
      onGreeted: () => newcomers.remove(connection),
      onDropped: (code) => {
        metrics.onDropped(code);
        leave();
      },
      onGone: () => {
        newcomers.remove(connection);
        leave();
        connections.remove(connection);
      },
    });
    newcomers.add(connection, clientAddressOf(address));
    connections.add(connection);
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
