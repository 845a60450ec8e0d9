import type { Storage } from '../state/storage.ts';

/** The browser's storage; what it denies or has no room for is kept until the page is closed. */
export const openStorage = (storage = localStorageIfAllowed()): Storage => {
  const rest = new Map<string, string>();
  return {
    get: (name) => rest.get(name) ?? storage?.getItem(name) ?? undefined,
    set: (name, text) => {
      rest.delete(name);
      storage?.removeItem(name);
      if (text === undefined) return;
      try {
        if (storage) return storage.setItem(name, text);
      } catch {
        // It is full.
      }
      rest.set(name, text);
    },
    names: () => [...Object.keys(storage ?? {}), ...rest.keys()],
    isLasting: (begin) => ![...rest.keys()].some((name) => name.startsWith(begin)),
  };
};

const localStorageIfAllowed = (): globalThis.Storage | undefined => {
  try {
    return localStorage;
  } catch {
    return undefined;
  }
};
