import { afterEach, beforeEach, vi } from 'vitest';
import type { Runner } from '../../src/projections/runner/following.ts';
import { type RunnerOptions, startRunner } from '../../src/projections/runner/runner.ts';
import type { Batch, ReadStore } from '../../src/store/store.ts';
import { counts, numbered, streamNumber, texts } from './chatter.ts';
import { type MemoryLog, memoryLog } from './memory-log.ts';
import { type MemoryStore, memoryStore } from './memory-store.ts';

/** The stream that most tests write to, and its name on the wire. */
export const stream = streamNumber(1);
export const s = `${numbered(1)}/${numbered(1)}`;

export type Stage = {
  log: MemoryLog;
  store: MemoryStore;
  /** A runner of `texts` and `counts`, unless told otherwise; it is stopped after the test. */
  start(options?: Partial<RunnerOptions>): Promise<Runner>;
};

/** A log, a store and runners on them, new for each test, with time in the test's hands. */
export const runnerStage = (): Stage => {
  const running: Runner[] = [];
  const stage: Stage = {
    log: memoryLog(),
    store: memoryStore(),
    async start(options = {}) {
      const { log, store } = stage;
      const runner = await startRunner({
        ...{ log, store, projections: [texts, counts], collectMs: 0 },
        ...options,
      });
      running.push(runner);
      return runner;
    },
  };
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    stage.log = memoryLog();
    stage.store = memoryStore();
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((runner) => runner.stop()));
    vi.useRealTimers();
  });
  return stage;
};

/** A store that notes its batches and does to each first what the test says. */
export const watched = (
  store: ReadStore,
  first: (batch: Batch) => Promise<void> | void = () => {},
): ReadStore & { readonly batches: readonly Batch[] } => {
  const batches: Batch[] = [];
  const apply = async (batch: Batch): Promise<void> => {
    batches.push(batch);
    await first(batch);
    await store.apply(batch);
  };
  return { ...store, apply, batches };
};

/** Something that stays shut until the test opens it. */
export const gate = (): { readonly opened: Promise<void>; open(): void } => {
  let resolve: () => void = () => {};
  const opened = new Promise<void>((done) => {
    resolve = done;
  });
  return { opened, open: () => resolve() };
};
