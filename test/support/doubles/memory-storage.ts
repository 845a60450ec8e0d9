import type { Storage } from '../../../web/src/state/storage.ts';

type OnChange = Parameters<Storage['watch']>[0];

/** A browser's storage, in memory: opens it as one more tab has it, which learns of changes a moment later. */
export const memoryTabs = (kept = new Map<string, string>()): (() => Storage) => {
  const watching = new Set<{ readonly tab: Storage; readonly onChange: OnChange }>();
  return () => {
    const tab: Storage = {
      get: (name) => kept.get(name),
      set: (name, text) => {
        if (text === undefined) kept.delete(name);
        else kept.set(name, text);
        const others = [...watching].filter((each) => each.tab !== tab);
        for (const { onChange } of others) queueMicrotask(() => onChange(name, text));
      },
      names: () => [...kept.keys()],
      watch: (onChange) => {
        const watcher = { tab, onChange };
        watching.add(watcher);
        return () => watching.delete(watcher);
      },
      isLasting: () => true,
    };
    return tab;
  };
};

/** A browser's storage, in memory, of a single tab. */
export const memoryStorage = (kept?: Map<string, string>): Storage => memoryTabs(kept)();
