import { signal } from '@preact/signals';

/** How far the server is with the data that is read from it, which it builds from its log. */
export type Preparation = { readonly percent: number; readonly secondsLeft?: number };

const lookMs = 1_000;

/** Follows `/readyz` from a request that was refused until the server has built its data. */
export class Preparing {
  /** Undefined while the server is not known to build anything. */
  readonly progress = signal<Preparation | undefined>(undefined);
  readonly #ask: () => Promise<Preparation | undefined>;
  #looking: Promise<void> | undefined;

  constructor(ask: () => Promise<Preparation | undefined> = askServer) {
    this.#ask = ask;
  }

  /** Finds out whether this is why a request was refused; if so, `progress` is kept up to date from then on. */
  look(): Promise<void> {
    this.#looking ??= this.#look();
    return this.#looking;
  }

  async #look(): Promise<void> {
    this.progress.value = await this.#ask().catch(() => undefined);
    if (this.progress.peek() === undefined) this.#looking = undefined;
    else setTimeout(() => void this.#look(), lookMs);
  }
}

const askServer = async (): Promise<Preparation | undefined> => {
  const response = await fetch('/readyz', { signal: AbortSignal.timeout(10 * lookMs) });
  // A server that is ready may still build what is not needed to read.
  if (response.ok) return undefined;
  return ((await response.json()) as { readonly building?: Preparation }).building;
};

/** The progress in words: "43 %, about 2 min left". */
export const progressText = ({ percent, secondsLeft }: Preparation): string =>
  secondsLeft === undefined
    ? `${percent} %`
    : `${percent} %, about ${durationText(secondsLeft)} left`;

const durationText = (seconds: number): string =>
  seconds < 90 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
