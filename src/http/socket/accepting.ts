import type { Socket } from 'node:net';
import type { WebSocket } from '@fastify/websocket';
import { ConnectionActor } from '../../actors/connection/actor.ts';
import type { ConnectionRecorder } from '../../actors/connection/recorder.ts';
import { clientAddressOf } from '../../app/limits/client-address.ts';
import { limits } from '../../app/limits/limits.ts';
import { type ConnectionId, uuid7 } from '../../events/ids.ts';
import type { Live } from '../../hub/live/live.ts';
import type { Metrics } from '../../monitoring/metrics.ts';
import { Slices } from '../../runtime/slices.ts';
import { Newcomers } from '../newcomers.ts';
import { closes } from './close-codes.ts';
import { Connection } from './connection.ts';
import type { Connections } from './connections.ts';
import type { Responder } from './responding.ts';
import type { Upgrade } from './upgrade.ts';

export type AcceptingDeps = {
  readonly connections: Connections;
  readonly live: Pick<Live, 'leave'>;
  readonly responder: Responder<Connection>;
  readonly recorder: ConnectionRecorder;
  readonly metrics: Pick<Metrics, 'onDropped'>;
  readonly rateLimits: boolean;
  readonly now: () => number;
  /** A monotonic clock, in ms. */
  readonly monotonic: () => number;
  readonly onError: (error: Error) => void;
};

/** A WebSocket, the socket below it, and the request that opened it. */
export type Upgraded = {
  readonly ws: WebSocket;
  readonly socket: Socket;
  readonly upgrade: Upgrade;
};

/** Returns a function that makes a connection of each WebSocket (W1). */
export const accepting = (deps: AcceptingDeps): ((upgraded: Upgraded) => void) => {
  const { connections, live, responder, recorder, rateLimits, metrics, onError } = deps;
  const { now, monotonic } = deps;
  const newcomers = new Newcomers<Connection>({
    clientMax: limits.newcomersPerClientMax,
    siteMax: limits.newcomersPerSiteMax,
    totalMax: limits.newcomersMax,
    evict: (oldest) => oldest.cut(closes.tooMany),
  });
  const cleanups = new Slices();

  return (upgraded) => {
    const id = uuid7(now()) as ConnectionId;
    const { address, userAgent } = upgraded.upgrade;
    const actor = new ConnectionActor({ id, address, userAgent, recorder, now });
    const leave = (): void => {
      if (connection.caller) live.leave(connection, connection.caller.user);
    };
    const connection: Connection = new Connection({
      ...upgraded,
      ...{ id, actor, responder, rateLimits, onError },
      scheduleCleanup: (run) => void cleanups.turn().then(run),
      now: monotonic,
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
};
