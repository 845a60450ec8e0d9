/**
 * The part of a WebSocket that the client uses: the browser's, Node's from 22, and that of the package `ws`. The types
 * of their handlers differ, so they are only assigned here.
 */
export type Socket = {
  onopen: unknown;
  onmessage: unknown;
  onclose: unknown;
  onerror: unknown;
  send(text: string): void;
  close(code?: number): void;
};

export type MessageEvent = { readonly data: unknown };
export type CloseEvent = { readonly code: number; readonly reason: string };

export type SocketConstructor = new (url: string, protocols: string[]) => Socket;

/** The platform's WebSocket; throws if there is none. */
export const platformSocket = (): SocketConstructor => {
  const found = (globalThis as { WebSocket?: SocketConstructor }).WebSocket;
  if (found) return found;
  throw new TypeError(
    'there is no WebSocket here: pass one as `WebSocket`, in Node below 22 that of the package ws',
  );
};

/** Closes a socket and ignores all further events. */
export const abandon = (socket: Socket): void => {
  socket.onopen = null;
  socket.onmessage = null;
  socket.onclose = null;
  // A socket that is closed while it connects reports an error, which needs a listener.
  socket.onerror = () => {};
  socket.close(1000);
};
