import { createRequire, syncBuiltinESMExports } from 'node:module';
import type { Chance } from '../support/generators/chance.ts';
import { chance as chanceOf } from '../support/generators/chance.ts';

/** A process of the simulation, to which everything belongs that is to happen in it. */
export class Process {
  readonly name: string;
  /** Nothing of it happens any more. */
  isDead = false;
  /** Until when nothing of it happens, in ms of the machine. */
  pausedUntil = 0;
  /** How far its wall clock is ahead, in ms. */
  wallAhead = 0;
  readonly held: Due[] = [];

  constructor(name: string) {
    this.name = name;
  }
}

type Due = {
  at: number;
  readonly order: number;
  readonly run: () => void;
  readonly process: Process;
  isCancelled: boolean;
};

const startMs = 1_700_000_000_000;

/** Due first, then in the order in which it was set. */
const isBefore = (a: Due, b: Due): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

/** A binary heap. */
class Queue {
  readonly #heap: Due[] = [];

  get first(): Due | undefined {
    return this.#heap[0];
  }

  push(due: Due): void {
    const heap = this.#heap;
    let at = heap.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent] as Due;
      if (!isBefore(due, above)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = due;
  }

  pop(): Due | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (last && heap.length > 0) this.#sink(last);
    return first;
  }

  #sink(due: Due): void {
    const heap = this.#heap;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Due, heap[child] as Due)) child++;
      if (!isBefore(heap[child] as Due, due)) break;
      heap[at] = heap[child] as Due;
      at = child;
    }
    heap[at] = due;
  }
}

/** That of Node.js, before a machine takes its place. */
const { setImmediate: realImmediate } = globalThis;

const require = createRequire(import.meta.url);
const modules = {
  timers: require('node:timers/promises') as Record<string, unknown>,
  crypto: require('node:crypto') as Record<string, unknown>,
  perf: require('node:perf_hooks') as { performance: Record<string, unknown> },
};

/**
 * A machine whose clocks, timers and randomness are determined by a seed: until it ends, they replace those of Node.js
 * for all code in this process. One thing happens at a time, with everything that follows from it without waiting.
 */
export class VirtualMachine {
  readonly chance: Chance;
  /** How many things have happened. */
  steps = 0;
  /** What happened, condensed: the same for the same run. */
  trace = 0;
  readonly #queue = new Queue();
  readonly #outside = new Process('outside');
  #now = 0;
  #orders = 0;
  #fills = 0;
  #current: Process = this.#outside;
  readonly #restore: () => void;

  constructor(seed: number) {
    this.chance = chanceOf(seed);
    this.#restore = this.#install(chanceOf(seed ^ 0x5bd1e995));
  }

  get now(): number {
    return this.#now;
  }

  /** Whether a process of the simulation is running, and not the one that looks at it. */
  get isRunning(): boolean {
    return this.#current !== this.#outside;
  }

  wallClock(process: Process): number {
    return startMs + Math.floor(this.#now) + process.wallAhead;
  }

  /** Runs something in a process after so many ms. */
  after(ms: number, process: Process, run: () => void): Due {
    const at = this.#now + Math.max(0, ms);
    const due = { at, order: this.#orders++, run, process, isCancelled: false };
    this.#queue.push(due);
    return due;
  }

  /** Resolves in the current process after so many ms. */
  wait(ms: number): Promise<void> {
    const process = this.#current;
    return new Promise((resolve) => void this.after(ms, process, resolve));
  }

  /** Stops a process for so many ms; what is due meanwhile happens at the end. */
  pause(process: Process, ms: number): void {
    process.pausedUntil = Math.max(process.pausedUntil, this.#now + ms);
    this.after(process.pausedUntil - this.#now, this.#outside, () => {
      if (process.pausedUntil > this.#now) return;
      for (const due of process.held.splice(0)) {
        this.#queue.push(Object.assign(due, { at: this.#now, order: this.#orders++ }));
      }
    });
  }

  /** Lets things happen until a condition holds or the time is over; returns whether it holds. */
  async runUntil(isOver: () => boolean, msMax: number): Promise<boolean> {
    const end = this.#now + msMax;
    await this.#settle();
    while (!isOver()) {
      const due = this.#queue.first;
      if (!due || due.at > end) {
        this.#now = end;
        return isOver();
      }
      this.#queue.pop();
      const { process } = due;
      if (due.isCancelled || process.isDead) continue;
      this.#now = Math.max(this.#now, due.at);
      if (process.pausedUntil > this.#now) {
        process.held.push(due);
        continue;
      }
      this.#current = process;
      due.run();
      await this.#settle();
      this.#current = this.#outside;
      this.steps++;
      this.trace = (Math.imul(this.trace, 31) + due.order + Math.floor(due.at)) | 0;
    }
    return true;
  }

  /** Draws from a pool of random bytes that outlives machines until it is filled anew. */
  reset(draw: () => void): void {
    const filled = this.#fills;
    while (this.#fills === filled) draw();
  }

  /** Gives Node.js its own clocks, timers and randomness back. */
  end(): void {
    this.#restore();
  }

  /** Resolves when nothing goes on any more without waiting: promises come before immediates. */
  #settle(): Promise<void> {
    return new Promise((resolve) => void realImmediate(resolve));
  }

  #set(run: () => void, ms: number): NodeJS.Timeout {
    const due = this.after(ms, this.#current, run);
    return this.#handle(due);
  }

  #repeat(run: () => void, ms: number): NodeJS.Timeout {
    const process = this.#current;
    const every = Math.max(1, ms);
    const timer = { due: undefined as Due | undefined };
    const again = (): void => {
      timer.due = this.after(every, process, again);
      run();
    };
    timer.due = this.after(every, process, again);
    return this.#handle(timer);
  }

  #handle(timer: object): NodeJS.Timeout {
    const handle = Object.assign(timer, {
      ref: () => handle,
      unref: () => handle,
      hasRef: () => false,
      refresh: () => {
        throw new Error('the simulation knows no timer.refresh()');
      },
    });
    return handle as unknown as NodeJS.Timeout;
  }

  #clear(timer: unknown): void {
    if (typeof timer !== 'object' || timer === null) return;
    const due = 'due' in timer ? (timer as { due: Due }).due : (timer as Due);
    due.isCancelled = true;
  }

  #sleep(ms: number, value: unknown, signal: AbortSignal | undefined): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const fail = (): void => {
        this.#clear(due);
        reject(Object.assign(new Error('aborted'), { name: 'AbortError', code: 'ABORT_ERR' }));
      };
      const due = this.after(ms, this.#current, () => {
        signal?.removeEventListener('abort', fail);
        resolve(value);
      });
      if (signal?.aborted) fail();
      else signal?.addEventListener('abort', fail, { once: true });
    });
  }

  /** Replaces what Node.js has; returns a function that undoes this. */
  #install({ next }: Chance): () => void {
    const { timers, crypto, perf } = modules;
    const fill = (bytes: Uint8Array): Uint8Array => {
      this.#fills++;
      for (let at = 0; at < bytes.length; at++) bytes[at] = Math.floor(next() * 256);
      return bytes;
    };
    const uuid = (): string => {
      const hex = Buffer.from(fill(new Uint8Array(16))).toString('hex');
      const parts = [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`];
      return [...parts, `8${hex.slice(17, 20)}`, hex.slice(20)].join('-');
    };
    const replaced: [object: object, name: string, value: unknown][] = [
      [globalThis, 'setTimeout', (run: () => void, ms = 0) => this.#set(run, ms)],
      [globalThis, 'setInterval', (run: () => void, ms = 0) => this.#repeat(run, ms)],
      [globalThis, 'setImmediate', (run: () => void) => this.#set(run, 0)],
      [globalThis, 'clearTimeout', (timer: unknown) => this.#clear(timer)],
      [globalThis, 'clearInterval', (timer: unknown) => this.#clear(timer)],
      [globalThis, 'clearImmediate', (timer: unknown) => this.#clear(timer)],
      [Date, 'now', () => this.wallClock(this.#current)],
      [performance, 'now', () => this.#now],
      [perf.performance, 'eventLoopUtilization', () => ({ active: 0, idle: 0, utilization: 0 })],
      [Math, 'random', next],
      [
        timers,
        'setTimeout',
        (ms: number, value: unknown, { signal }: { signal?: AbortSignal } = {}) =>
          this.#sleep(ms, value, signal),
      ],
      [
        AbortSignal,
        'timeout',
        (ms: number) => {
          const controller = new AbortController();
          this.#set(() => controller.abort(), ms);
          return controller.signal;
        },
      ],
      [crypto, 'randomBytes', (size: number) => Buffer.from(fill(new Uint8Array(size)))],
      [crypto, 'randomFillSync', fill],
      [crypto, 'randomUUID', uuid],
    ];
    const originals = replaced.map(([object, name]) =>
      Object.getOwnPropertyDescriptor(object, name),
    );
    for (const [object, name, value] of replaced) {
      Object.defineProperty(object, name, { value, configurable: true, writable: true });
    }
    syncBuiltinESMExports();
    return () => {
      for (const [at, [object, name]] of replaced.entries()) {
        const original = originals[at];
        if (original) Object.defineProperty(object, name, original);
        else Reflect.deleteProperty(object, name);
      }
      syncBuiltinESMExports();
    };
  }
}
