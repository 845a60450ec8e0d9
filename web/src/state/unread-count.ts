import { signal } from '@preact/signals';
import type { Unread } from '../../../src/client/objects.ts';
import { wordsFor } from './errors.ts';
import { retrying } from './retrying.ts';
import type { UnreadBadges } from './unread.ts';

/** What changes within this time is counted once, in ms; not all pages of a circle ask at the same moment. */
const soonMs = { least: 200, most: 1_200 };

/** Has the server count what is unread: hints of it may get lost, and say nothing of what was deleted. */
export class UnreadCount {
  /** Whether the badges show what the server counted once. */
  readonly isKnown = signal(false);
  /** What is wrong while they do not, for people. */
  readonly wrong = signal('');
  readonly #badges: UnreadBadges;
  readonly #count: () => Promise<readonly Unread[]>;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #runs = 0;

  constructor(badges: UnreadBadges, count: () => Promise<readonly Unread[]>) {
    this.#badges = badges;
    this.#count = count;
  }

  /** Counts now, and again while that fails. */
  async run(): Promise<void> {
    this.#runs += 1;
    const run = this.#runs;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const isOver = (): boolean => run !== this.#runs;
    const count = async (): Promise<void> => {
      await this.#badges.reset(this.#count);
      if (isOver()) return;
      this.wrong.value = '';
      this.isKnown.value = true;
    };
    const onError = (error: unknown): void => {
      this.wrong.value = wordsFor(error);
    };
    await retrying(count, { isOver, onError });
  }

  /** Counts in a moment. */
  soon(): void {
    const { least, most } = soonMs;
    this.#timer ??= setTimeout(() => void this.run(), least + Math.random() * (most - least));
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#runs += 1;
  }
}
