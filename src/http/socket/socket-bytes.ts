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

/**
 * Calls the current listeners for the end of a socket's input when `schedule` runs them, so that many clients that
 * disconnect at the same moment are handled one after the other.
 */
export const deferEnd = (socket: Socket, schedule: (run: () => void) => void): void => {
  const listeners = socket.listeners('end') as (() => void)[];
  for (const listener of listeners) socket.removeListener('end', listener);
  socket.on('end', () =>
    schedule(() => {
      if (socket.destroyed) return;
      for (const listener of listeners) listener.call(socket);
    }),
  );
};
