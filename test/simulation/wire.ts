import { EventEmitter } from 'node:events';
import type { Upgraded } from '../../src/http/socket/accepting.ts';
import { clientFrame, serverReceiver } from '../support/doubles/client-frame.ts';
import { Channel, type Network } from './link.ts';
import type { Node } from './node.ts';
import type { Process } from './virtual-machine.ts';

export type Frame = { readonly t: string; readonly [field: string]: unknown };

const length16 = 126;
const length64 = 127;

/** The texts of unmasked frames. */
const textsIn = (bytes: Buffer): string[] => {
  const texts: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    let length = (bytes[at + 1] as number) & 0x7f;
    let from = at + 2;
    if (length === length16) {
      length = bytes.readUInt16BE(from);
      from += 2;
    } else if (length === length64) {
      length = Number(bytes.readBigUInt64BE(from));
      from += 8;
    }
    texts.push(bytes.toString('utf8', from, from + length));
    at = from + length;
  }
  return texts;
};

/** What the client of a connection is told. */
export type Ends = {
  readonly onFrame: (frame: Frame) => void;
  readonly onClose: (code: number) => void;
};

/** A WebSocket between a client and a node: what either sends arrives later, in order, unless the connection is lost. */
export class Wire {
  readonly node: Node;
  #isSilent = false;
  readonly #network: Network;
  readonly #client: Process;
  readonly #ends: Ends;
  readonly #toServer: Channel;
  readonly #toClient: Channel;
  readonly #ws: EventEmitter;
  readonly #socket: EventEmitter & { writable: boolean; writableLength: number };
  readonly #unread: Buffer[] = [];
  readonly #held: Buffer[] = [];
  #isReading = true;
  #isPaused = false;
  #isClosed = false;

  constructor(
    network: Network,
    { node, client, ends }: { node: Node; client: Process; ends: Ends },
  ) {
    this.#network = network;
    this.node = node;
    this.#client = client;
    this.#ends = ends;
    this.#toServer = new Channel(network);
    this.#toClient = new Channel(network);
    this.#ws = Object.assign(new EventEmitter(), {
      close: (code: number) => this.#closeByServer(code),
      terminate: () => this.#closeByServer(1006),
      pause: () => {
        this.#isPaused = true;
      },
      resume: () => {
        this.#isPaused = false;
        for (const bytes of this.#held.splice(0))
          this.#toServer.send(node.process, () => this.#arrive(bytes));
      },
    });
    this.#socket = Object.assign(new EventEmitter(), {
      ...{ writable: true, writableLength: 0, bytesWritten: 0, destroyed: false },
      write: (bytes: Buffer) => this.#write(bytes),
      end: () => undefined,
    });
  }

  /** From now on nothing arrives any more, without either side noticing: what is sent is taken, and lost. */
  silence(): void {
    this.#isSilent = true;
    this.#socket.writableLength = 0;
  }

  /** Connects; the node accepts when it arrives. */
  open(): void {
    const { process } = this.node;
    this.#toServer.send(process, () => {
      const receiver = serverReceiver((data, isBinary) => this.#ws.emit('message', data, isBinary));
      this.#socket.on('data', (bytes: Buffer) => void receiver.write(bytes));
      const upgrade = { address: '127.0.0.1', userAgent: undefined, cookie: undefined };
      const parts = { ws: this.#ws, socket: this.#socket, upgrade };
      this.node.serving?.accept(parts as unknown as Upgraded);
    });
  }

  send(frame: object): void {
    const bytes = clientFrame(JSON.stringify(frame));
    this.#toServer.send(this.node.process, () => this.#arrive(bytes));
  }

  /** The client stops reading, or continues. */
  setReading(isReading: boolean): void {
    this.#isReading = isReading;
    if (isReading) this.#toClient.send(this.#client, () => this.#read());
  }

  /** The connection ends, for both sides; the node notices later. */
  lose(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (!this.#isSilent) this.#toServer.send(this.node.process, () => this.#gone(1006));
    this.#network.machine.after(this.#network.delay(), this.#client, () =>
      this.#ends.onClose(1006),
    );
  }

  #arrive(bytes: Buffer): void {
    if (this.#isSilent || this.#isClosed) return;
    if (this.#isPaused) this.#held.push(bytes);
    else this.#socket.emit('data', bytes);
  }

  #write(bytes: Buffer): void {
    if (this.#isClosed || this.#isSilent) return;
    this.#unread.push(bytes);
    this.#socket.writableLength += bytes.length;
    this.#toClient.send(this.#client, () => this.#read());
  }

  #read(): void {
    if (!this.#isReading || this.#isSilent || this.#unread.length === 0) return;
    const all = this.#unread.splice(0);
    this.#socket.writableLength = 0;
    const { process } = this.node;
    this.#toServer.send(process, () => this.#socket.emit('drain'));
    for (const text of all.flatMap(textsIn)) this.#ends.onFrame(JSON.parse(text));
  }

  #closeByServer(code: number): void {
    if (this.#isClosed) return;
    const close = (): void => {
      if (this.#isClosed) return;
      this.#isClosed = true;
      this.#ends.onClose(code);
    };
    if (!this.#isSilent) {
      this.#toClient.send(this.#client, () => {
        this.#isReading = true;
        this.#read();
        close();
      });
    }
    this.#toServer.send(this.node.process, () => this.#gone(code));
  }

  #gone(code: number): void {
    this.#socket.writable = false;
    this.#socket.emit('close');
    this.#ws.emit('close', code);
  }
}
