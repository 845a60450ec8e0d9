import type { Socket } from 'node:net';

/**
 * Calls `take` with the bytes that a socket reads, in place of its current listeners. Returns a function that forwards
 * bytes to these.
 */
export const interceptBytes = (
  socket: Socket,
  take: (chunk: Buffer) => void,
): ((bytes: Buffer) => void) => {
  const listeners = socket.listeners('data') as ((bytes: Buffer) => void)[];
  socket.on('data', take);
  for (const listener of listeners) socket.removeListener('data', listener);
  return (bytes) => {
    // The WebSocket library detaches from a destroyed socket before it reports that.
    if (socket.destroyed) return;
    for (const listener of listeners) listener.call(socket, bytes);
  };
};
