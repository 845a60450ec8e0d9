import type { Index } from '../../../src/store/documents.ts';
import type { ReadStore } from '../../../src/store/store.ts';

/** What a suite works on. */
export type Opened = {
  readonly store: ReadStore;
  /** Another way to the same data: of another process, where that can be. */
  readonly second: ReadStore;
  /** The name of an empty collection of the test's own, prepared. */
  fresh(indexes?: readonly Index[]): Promise<string>;
};
