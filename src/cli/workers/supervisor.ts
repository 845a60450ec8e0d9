import type { SleepOptions } from '../../runtime/timers.ts';

/** How a process ended: with a code, or by a signal. */
export type Ending = { readonly code: number | null; readonly signal: string | null };

export type WorkerProcess = {
  readonly pid: number | undefined;
  /** Resolves with its URL when it listens. */
  readonly listening: Promise<string>;
  readonly ended: Promise<Ending>;
  kill(signal: 'SIGTERM' | 'SIGKILL'): void;
};

export type SupervisorOptions = {
  /** How many workers. */
  readonly count: number;
  /** Starts the process of a worker; they are numbered from 1. */
  readonly fork: (worker: number) => WorkerProcess;
  /** Measures durations, in ms. */
  readonly monotonic: () => number;
  readonly sleep: (ms: number, options: SleepOptions) => Promise<void>;
  /** Told of each worker that ended unexpectedly. */
  readonly report: (line: string) => void;
};

/** A worker that ended sooner has failed: the next one is started after a pause if the one before failed too, in ms. */
const stableMs = 60_000;
const pauseMsMin = 1000;
const pauseMsMax = 30_000;

/**
 * Keeps a number of workers running. The others are started when the first one listens: what keeps it from doing so
 * would keep them too, and is final.
 */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #workers = new Map<number, WorkerProcess>();
  readonly #stopping = new AbortController();
  #exitCode = 0;

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  /** Calls `onListening` when all workers listen. Resolves with an exit code when all have ended for good. */
  async run(onListening: (url: string) => void): Promise<number> {
    const { count } = this.#options;
    const first = this.#fork(1);
    const url = await Promise.race([first.listening, first.ended.then(() => undefined)]);
    if (url === undefined || this.#stopping.signal.aborted) {
      return this.#codeOf(await first.ended);
    }
    const others = Array.from({ length: count - 1 }, (_, index) => this.#keep(index + 2));
    const arrived = others.map(({ listening }) => listening);
    void Promise.all(arrived).then(() => onListening(url));
    await Promise.all([this.#keep(1, first), ...others].map(({ over }) => over));
    return this.#exitCode;
  }

  /** Asks all workers to stop at the same time, since none has a successor here; `run` resolves when they have. */
  stop(): void {
    this.#stopping.abort();
    this.#signal('SIGTERM');
  }

  /** Ends all workers immediately. */
  kill(): void {
    this.#signal('SIGKILL');
  }

  #signal(signal: 'SIGTERM' | 'SIGKILL'): void {
    for (const worker of this.#workers.values()) worker.kill(signal);
  }

  #fork(worker: number): WorkerProcess {
    const forked = this.#options.fork(worker);
    this.#workers.set(worker, forked);
    return forked;
  }

  /** Replaces a worker whenever it has ended. */
  #keep(worker: number, running = this.#fork(worker)) {
    let arrived = (): void => undefined;
    const listening = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    return { listening, over: this.#replace(worker, running, arrived) };
  }

  async #replace(worker: number, first: WorkerProcess, arrived: () => void): Promise<void> {
    const { monotonic, sleep, report } = this.#options;
    const { signal } = this.#stopping;
    let failures = 0;
    for (let running = first; ; running = this.#fork(worker)) {
      const since = monotonic();
      void running.listening.then(arrived);
      const ending = await running.ended;
      this.#workers.delete(worker);
      if (signal.aborted) {
        this.#exitCode ||= this.#codeOf(ending);
        return;
      }
      failures = monotonic() - since < stableMs ? failures + 1 : 0;
      const pauseMs = failures < 2 ? 0 : Math.min(pauseMsMin * 2 ** (failures - 2), pauseMsMax);
      const next = pauseMs === 0 ? 'now' : `in ${pauseMs / 1000} s`;
      report(`worker ${worker} (process ${running.pid}) ${howOf(ending)}; it is replaced ${next}`);
      await sleep(pauseMs, { signal }).catch(() => undefined);
      if (signal.aborted) return;
    }
  }

  /** One that was asked to stop before it had begun ends by the signal; a terminal sends SIGINT to all. */
  #codeOf({ code, signal }: Ending): number {
    const isAsked = this.#stopping.signal.aborted && (signal === 'SIGTERM' || signal === 'SIGINT');
    return code ?? (isAsked ? 0 : 1);
  }
}

const howOf = ({ code, signal }: Ending): string =>
  code === null ? `was ended by ${signal}` : `ended with code ${code}`;
