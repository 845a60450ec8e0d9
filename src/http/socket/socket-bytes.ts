import type { Socket } from 'node:net';

/**
 * Has `take` called with the bytes that a socket reads, in place of those who listen to them now. Gives what passes
 * bytes on to these.
 */
export const interceptBytes = (
  socket: Socket,
  take: (chunk: Buffer) => void,
): ((bytes: Buffer) => void) => {
  const listeners = socket.listeners('data') as ((bytes: Buffer) => void)[];
  socket.on('data', take);
  for (const listener of listeners) socket.removeListener('data', listener);
  return (bytes) => {
    // The WebSocket library lets go of a destroyed socket before it says so.
    if (socket.destroyed) return;
    for (const listener of listeners) listener.call(socket, bytes);
  };
};
