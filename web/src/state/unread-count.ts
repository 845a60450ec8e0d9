import { signal } from '@preact/signals';
import type { Unread } from '../../../src/client/objects.ts';
import { errorText } from './errors.ts';
import { retrying } from './retrying.ts';
import type { UnreadBadges } from './unread.ts';

/** Changes within this time are counted together, in ms; random, so that pages do not all ask at once. */
const soonMs = { least: 200, most: 1_200 };

/** Requests the unread counts: notifications may be lost, and do not cover deletions. */
export class UnreadCount {
  /** Whether the badges have been loaded. */
  readonly isKnown = signal(false);
  /** The error while they are not, as text. */
  readonly problem = signal('');
  readonly #badges: UnreadBadges;
  readonly #count: () => Promise<readonly Unread[]>;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #runs = 0;

  constructor(badges: UnreadBadges, count: () => Promise<readonly Unread[]>) {
    this.#badges = badges;
    this.#count = count;
  }

  /** Requests the counts, and retries on failure. */
  async run(): Promise<void> {
    this.#runs += 1;
    const run = this.#runs;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const isOver = (): boolean => run !== this.#runs;
    const count = async (): Promise<void> => {
      await this.#badges.reset(this.#count);
      if (isOver()) return;
      this.problem.value = '';
      this.isKnown.value = true;
    };
    const onError = (error: unknown): void => {
      this.problem.value = errorText(error);
    };
    await retrying(count, { isOver, onError });
  }

  /** Requests the counts after a delay. */
  soon(): void {
    const { least, most } = soonMs;
    this.#timer ??= setTimeout(() => void this.run(), least + Math.random() * (most - least));
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#runs += 1;
  }
}
