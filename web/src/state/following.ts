import { signal } from '@preact/signals';
import type { Client } from '../../../src/client/client.ts';
import { OshiError } from '../../../src/client/error.ts';
import type { Handlers, Start, Subscription } from '../../../src/client/subscription.ts';
import { errorText } from './errors.ts';

/** Codes that mean that it does not exist, or is not accessible. */
const goneCodes: readonly string[] = ['removed', 'deleted', 'not-found', 'forbidden'];

/** The first pause before a retry, in ms: doubled each time. */
const pauseMs = 2_000;
const pauseMsMax = 60_000;

export type FollowingOptions = Start & {
  readonly client: Pick<Client, 'subscribe'>;
  readonly handlers: Pick<Handlers, 'event' | 'reset' | 'live'>;
  /** It can no longer be read; `code` from the server. */
  readonly onGone: (code: string) => void;
};

/** A subscription for as long as the account has access: failures are retried. */
export class Following {
  /** The current error, as text. */
  readonly problem = signal('');
  readonly #s: string;
  readonly #options: FollowingOptions;
  #subscription: Subscription | undefined;
  #pause: ReturnType<typeof setTimeout> | undefined;
  #pauseMs = pauseMs;

  constructor(s: string, options: FollowingOptions) {
    this.#s = s;
    this.#options = options;
    this.#subscribe();
  }

  /** Retries immediately if waiting. */
  retry(): void {
    if (this.#pause === undefined) return;
    clearTimeout(this.#pause);
    this.#pause = undefined;
    this.#subscribe();
  }

  close(): void {
    clearTimeout(this.#pause);
    this.#pause = undefined;
    this.#subscription?.close();
  }

  #subscribe(): void {
    const { client, handlers, onGone, ...start } = this.#options;
    this.problem.value = '';
    this.#subscription = client.subscribe(this.#s, start, {
      ...handlers,
      live: (n) => {
        this.#pauseMs = pauseMs;
        handlers.live?.(n);
      },
      end: (code) => {
        if (goneCodes.includes(code)) onGone(code);
        else if (code !== 'closed') this.#wait(code);
      },
    });
  }

  #wait(code: string): void {
    this.problem.value = errorText(new OshiError(code, { code }));
    this.#pause = setTimeout(() => this.retry(), this.#pauseMs);
    this.#pauseMs = Math.min(2 * this.#pauseMs, pauseMsMax);
  }
}
