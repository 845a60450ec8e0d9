/**
 * As much of a WebSocket as the client uses: the browser's, Node's from 22 on, and that of the package `ws`. The
 * handlers' own types differ between these, so they are only assigned here.
 */
export type Socket = {
  onopen: unknown;
  onmessage: unknown;
  onclose: unknown;
  onerror: unknown;
  send(text: string): void;
  close(code?: number): void;
};

/** What `onmessage` and `onclose` are told. */
export type MessageEvent = { readonly data: unknown };
export type CloseEvent = { readonly code: number; readonly reason: string };

export type SocketConstructor = new (url: string, protocols: string[]) => Socket;

/** The platform's own WebSocket; throws where there is none. */
export const platformSocket = (): SocketConstructor => {
  const found = (globalThis as { WebSocket?: SocketConstructor }).WebSocket;
  if (found) return found;
  throw new TypeError(
    'there is no WebSocket here: pass one as `WebSocket`, in Node below 22 that of the package ws',
  );
};

/** Lets go of a socket: nothing that it still says is heard. */
export const abandon = (socket: Socket): void => {
  socket.onopen = null;
  socket.onmessage = null;
  socket.onclose = null;
  // A socket that is closed while it connects reports an error, which must find a listener.
  socket.onerror = () => {};
  socket.close(1000);
};
