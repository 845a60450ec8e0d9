import type { Socket } from 'node:net';
import { limits } from '../app/limits/limits.ts';
import { nextIteration } from '../runtime/timers.ts';
import { textFrame } from './frame.ts';

/**
 * The output of one socket. Encoded frames bypass the WebSocket library, which is correct while compression is off and no
 * message is fragmented, as in this server. The buffer is bounded: beyond the bound the socket does not flow, and senders
 * of much data wait for it to drain.
 */
export class Outlet {
  readonly #socket: Socket;
  readonly #waiting: (() => void)[] = [];
  /** Frames to be sent when the socket flows again, by subject. */
  readonly #kept = new Map<string, Buffer>();

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('drain', () => this.#release());
    socket.on('close', () => this.#release());
  }

  get flowing(): boolean {
    return this.#socket.writableLength <= limits.waitingBytesMax;
  }

  /** Whether frames that are dropped first (`activity`, W13) can be written. */
  get calm(): boolean {
    return this.#socket.writableLength <= limits.activityWaitingBytesMax;
  }

  /** Bytes in the send buffer. */
  get waiting(): number {
    return this.#socket.writableLength;
  }

  /** Bytes sent so far. */
  get taken(): number {
    return this.#socket.bytesWritten - this.#socket.writableLength;
  }

  write(frames: Buffer): void {
    if (this.#socket.writable) this.#socket.write(frames);
  }

  send(frame: object): void {
    this.write(textFrame(JSON.stringify(frame)));
  }

  /** Writes a frame. While the socket does not flow, the newest frame of each subject is kept and written later. */
  keep(subject: string, frame: Buffer): void {
    if (!this.flowing) {
      this.#kept.set(subject, frame);
      return;
    }
    this.#kept.delete(subject);
    this.write(frame);
  }

  /** Resolves when the socket flows again, or is closed. */
  drained(): Promise<void> {
    if (this.flowing || !this.#socket.writable) return nextIteration();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #release(): void {
    for (const frame of this.#kept.values()) this.write(frame);
    this.#kept.clear();
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
