import type { Socket, SocketConstructor } from '../../../src/client/socket.ts';

export type Frame = { readonly t: string; readonly id?: string; readonly [field: string]: unknown };

type Handler = ((event?: object) => void) | null;

/** One end of a socket whose other end is the test: nothing arrives by itself. */
export class FakeSocket implements Socket {
  onopen: Handler = null;
  onmessage: Handler = null;
  onclose: Handler = null;
  onerror: Handler = null;
  /** What the client has sent and the server not yet taken. */
  readonly sent: Frame[] = [];
  isOpen = false;
  /** The code with which the client closed it. */
  closedWith: number | undefined;
  readonly url: string;
  readonly protocols: readonly string[];

  constructor(all: FakeSocket[], url: string, protocols: string[]) {
    this.url = url;
    this.protocols = protocols;
    all.push(this);
  }

  send(text: string): void {
    if (!this.isOpen) throw new Error('sent on a socket that is not open');
    this.sent.push(JSON.parse(text));
  }

  close(code?: number): void {
    this.isOpen = false;
    this.closedWith = code;
  }

  /** The connection is made. */
  open(): void {
    this.isOpen = true;
    this.onopen?.();
  }

  /** The server says something: frames, or texts as they are. */
  say(...frames: readonly (object | string)[]): void {
    for (const frame of frames) {
      this.onmessage?.({ data: typeof frame === 'string' ? frame : JSON.stringify(frame) });
    }
  }

  /** The connection is lost, or closed by the server. */
  shut(code = 1006, reason = ''): void {
    this.isOpen = false;
    this.onclose?.({ code, reason });
  }

  /** Takes what the client has sent. */
  taken(): Frame[] {
    return this.sent.splice(0);
  }
}

/** A constructor for the client, and all sockets that it has made. */
export const fakeNetwork = (): {
  readonly sockets: readonly FakeSocket[];
  readonly WebSocket: SocketConstructor;
} => {
  const sockets: FakeSocket[] = [];
  return { sockets, WebSocket: FakeSocket.bind(undefined, sockets) };
};
