import type { Socket } from 'node:net';
import { limits } from '../app/limits/limits.ts';
import { nextIteration } from '../runtime/timers.ts';
import { textFrame } from './frame.ts';

/**
 * The way out of one socket. Frames are written past the WebSocket library, ready-made, which is right as long
 * as compression is off and no message is sent in fragments: both hold for this server. What waits is bounded:
 * beyond the bound it does not flow, and whoever writes much waits for it to drain.
 */
export class Outlet {
  readonly #socket: Socket;
  readonly #waiting: (() => void)[] = [];
  /** Frames that are sent when it flows again, by what they are about. */
  readonly #kept = new Map<string, Buffer>();

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('drain', () => this.#release());
    socket.on('close', () => this.#release());
  }

  get flowing(): boolean {
    return this.#socket.writableLength <= limits.waitingBytesMax;
  }

  /** Whether there is room for what is the first to be dropped. */
  get calm(): boolean {
    return this.#socket.writableLength <= limits.activityWaitingBytesMax;
  }

  /** Bytes that wait for the client to take them. */
  get waiting(): number {
    return this.#socket.writableLength;
  }

  /** Bytes that the client's side has taken so far. */
  get taken(): number {
    return this.#socket.bytesWritten - this.#socket.writableLength;
  }

  write(frames: Buffer): void {
    if (this.#socket.writable) this.#socket.write(frames);
  }

  send(frame: object): void {
    this.write(textFrame(JSON.stringify(frame)));
  }

  /** Writes a frame; if it does not flow, the newest one of each subject is written when it does again. */
  keep(subject: string, frame: Buffer): void {
    if (!this.flowing) {
      this.#kept.set(subject, frame);
      return;
    }
    this.#kept.delete(subject);
    this.write(frame);
  }

  /** Resolves when it flows again, or is gone. */
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
