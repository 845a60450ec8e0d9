import { setTimeout as sleep } from 'node:timers/promises';
import type { StreamEvent } from '../../../src/client/frames.ts';
import type { Person } from '../fixtures/server-people.ts';
import { type ServerFrame, TestSocket } from '../fixtures/server-socket.ts';

export type FollowerOptions = {
  /** Where it connects; a function gives another place each time. */
  readonly url: string | (() => string);
  readonly person: Person;
  readonly s: string;
};

const pauseMs = 30;

/**
 * Follows one event stream over bare sockets as the protocol says, with nothing of the project's client: from
 * where the stream is when it begins, then by its last `n` and the epoch, until it is ended or stopped.
 */
export class RawFollower {
  readonly events: StreamEvent[] = [];
  /** Everything that should not have happened. */
  readonly faults: string[] = [];
  /** Why it is over: the code of `end`, or the one with which a `sub` was refused. */
  ended: string | undefined;
  /** Resolves when it is over, or stopped. It listens on until it is stopped, and nothing may come. */
  readonly done: Promise<void>;
  readonly s: string;
  readonly #options: FollowerOptions;
  #n: number | undefined;
  #epoch: string | undefined;
  #socket: TestSocket | undefined;
  #isStopped = false;

  constructor(options: FollowerOptions) {
    this.#options = options;
    this.s = options.s;
    this.done = this.#run();
  }

  /** The number of the last event that it knows of. */
  get n(): number {
    return this.#n ?? 0;
  }

  cut(): void {
    this.#socket?.cut();
  }

  stop(): void {
    this.#isStopped = true;
    this.#socket?.cut();
  }

  async #run(): Promise<void> {
    while (!this.#isStopped && this.ended === undefined) {
      try {
        await this.#connect();
      } catch {
        await sleep(pauseMs);
      }
    }
  }

  async #connect(): Promise<void> {
    const { url, person, s } = this.#options;
    const socket = await TestSocket.open(typeof url === 'string' ? url : url());
    this.#socket = socket;
    const { d } = await socket.ask({ t: 'hello', v: 1, token: person.token });
    if (this.#epoch !== undefined && d?.epoch !== this.#epoch) this.faults.push('another epoch');
    this.#epoch = d?.epoch;
    const from = this.#n === undefined ? { last: 0 } : { after: this.#n, epoch: this.#epoch };
    socket.send({ t: 'sub', id: 'sub', s, ...from });
    for (let at = 0; this.ended === undefined; at++) {
      const frame = await socket.until(() => true, at);
      if (frame.id === 'sub' && frame.t === 'err') this.#refused(frame);
      if (frame.s === s) this.#take(frame);
      if (this.ended !== undefined) this.#listenOn(socket, at + 1);
    }
  }

  /** Nothing follows the end. */
  #listenOn(socket: TestSocket, from: number): void {
    const { s } = this.#options;
    socket
      .until((frame) => frame.s === s, from)
      .then(
        ({ t }) => this.faults.push(`${t} came after the end`),
        () => undefined,
      );
  }

  #refused({ code, retryAfter }: ServerFrame): void {
    if (retryAfter !== undefined) throw new Error('later');
    this.ended = String(code);
  }

  #take({ t, n = 0, e = [], code, why }: ServerFrame): void {
    if (t === 'reset') {
      if (this.#n !== undefined) this.faults.push(`a reset ${why} at ${n} after ${this.#n}`);
      this.#n = n;
    }
    for (const event of e) {
      if (event.n !== this.n + 1) this.faults.push(`event ${event.n} came after ${this.n}`);
      this.#n = event.n;
      this.events.push(event);
    }
    if (t === 'live' && n !== this.n) this.faults.push(`live at ${n}, but ${this.n} was the last`);
    if (t === 'end') this.ended = String(code);
  }
}
