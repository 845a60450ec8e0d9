import type { Token } from '../highlighting/colour.ts';

export type Code = { readonly language: string; readonly text: string };

type Tokens = readonly Token[] | undefined;
type Job = { readonly code: Code; readonly done: (tokens: Tokens) => void };

/** Longer code is not highlighted, in UTF-16 units. */
const lengthMax = 20_000;

/** The time limit for a piece of code, in ms; after this many failures highlighting is disabled. */
const jobMs = 500;
const tooLongMax = 3;

/** Highlights code in a worker, one piece after the other. On failure or timeout it stays plain. */
export class Highlighter {
  readonly #jobs: Job[] = [];
  #worker: Worker | undefined;
  #isReady = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;

  /** The tokens of the code; undefined if it stays plain. The worker is loaded at the first use. */
  coloured(code: Code): Promise<Tokens> {
    if (code.text.length > lengthMax || this.#failures >= tooLongMax)
      return Promise.resolve(undefined);
    return new Promise((done) => {
      this.#jobs.push({ code, done });
      this.#worker ??= this.#started();
      if (this.#isReady && this.#jobs.length === 1) this.#ask();
    });
  }

  #started(): Worker {
    const worker = new Worker(new URL('../highlighting/worker.ts', import.meta.url), {
      type: 'module',
    });
    worker.onmessage = ({ data }) => {
      if (this.#isReady) this.#answer(data);
      this.#isReady = true;
      this.#ask();
    };
    worker.onerror = (event) => {
      event.preventDefault();
      this.#fail();
    };
    return worker;
  }

  #ask(): void {
    const [job] = this.#jobs;
    if (!job) return;
    this.#worker?.postMessage(job.code);
    this.#timer = setTimeout(() => this.#fail(), jobMs);
  }

  #answer(tokens: Tokens): void {
    clearTimeout(this.#timer);
    this.#jobs.shift()?.done(tokens);
  }

  /** Continues after a failed piece with a new worker, unless too many failed. */
  #fail(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#isReady = false;
    this.#failures += 1;
    this.#answer(undefined);
    if (this.#failures >= tooLongMax) for (const { done } of this.#jobs.splice(0)) done(undefined);
    else if (this.#jobs.length > 0) this.#worker = this.#started();
  }
}
