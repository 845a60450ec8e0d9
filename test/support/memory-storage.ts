import type { Storage } from '../../web/src/state/storage.ts';

/** A browser's storage, in memory. */
export const memoryStorage = (kept = new Map<string, string>()): Storage => ({
  get: (name) => kept.get(name),
  set: (name, text) => {
    if (text === undefined) kept.delete(name);
    else kept.set(name, text);
  },
  names: () => [...kept.keys()],
  isLasting: () => true,
});
