import { EventEmitter } from 'node:events';
import { type IncomingMessage, type Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

export type UpgradesOptions = {
  readonly server: Server;
  /** The path of the WebSocket. */
  readonly path: string;
  /** Serves a request as if it had not asked for an upgrade. */
  readonly serve: (request: IncomingMessage, response: ServerResponse) => void;
};

const bodyless: ReadonlySet<string | undefined> = new Set(['GET', 'HEAD', 'OPTIONS']);

const refusal = [
  'HTTP/1.1 400 Bad Request',
  'Content-Type: application/problem+json; charset=utf-8',
  'Connection: close',
  '',
  '{"code":"bad-request","message":"Only GET /v1/connect can be upgraded; send this without the header Upgrade."}',
].join('\r\n');

const isWebSocket = ({ url = '', headers }: IncomingMessage, path: string): boolean =>
  url.split('?', 1).join() === path && headers.upgrade?.toLowerCase() === 'websocket';

/**
 * Forwards to the WebSocket plugin only upgrades to a WebSocket at its path. A server may ignore an upgrade that it
 * does not want (RFC 9110, section 7.8), which clients that offer HTTP/2 rely on: such a request is served like any
 * other, if it has no body. Returns the emitter to which the plugin listens.
 */
export const webSocketUpgrades = ({ server, path, serve }: UpgradesOptions): EventEmitter => {
  const upgrades = new EventEmitter();

  const serveWithout = (request: IncomingMessage, socket: Duplex): void => {
    socket.on('error', () => socket.destroy());
    if (!bodyless.has(request.method)) {
      socket.end(refusal);
      return;
    }
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    response.assignSocket(socket as never);
    response.on('finish', () => socket.end());
    serve(request, response);
  };

  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (!isWebSocket(request, path)) serveWithout(request, socket);
    // There is no listener once the server is closing.
    else if (!upgrades.emit('upgrade', request, socket, head)) socket.destroy();
  });
  return upgrades;
};
