import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Limits the connections without a request: those that have never sent a complete one, and those that wait for the
 * next. Beyond the limit the one idle for longest is destroyed.
 */
export const boundQuietSockets = (server: Server, socketsMax: number): void => {
  // In the order in which they became idle, since a `Set` keeps the order of insertion.
  const quiet = new Set<Socket>();

  const add = (socket: Socket): void => {
    if (socket.destroyed) return;
    quiet.add(socket);
    const [oldest] = quiet.size > socketsMax ? quiet : [];
    if (!oldest) return;
    quiet.delete(oldest);
    oldest.destroy();
  };

  server.on('connection', (socket) => {
    add(socket);
    socket.once('close', () => quiet.delete(socket));
  });
  server.on('request', ({ socket }, response) => {
    quiet.delete(socket);
    response.once('close', () => add(socket));
  });
  server.on('upgrade', ({ socket }) => quiet.delete(socket));
};
