import type { Storage } from '../state/storage.ts';

/** The browser's storage; what it refuses is kept until the page is closed. */
export const openStorage = (storage = localStorageIfAllowed()): Storage => {
  const rest = new Map<string, string>();
  return {
    get: (name) => rest.get(name) ?? storage?.getItem(name) ?? undefined,
    set: (name, text) => {
      rest.delete(name);
      if (text === undefined) return storage?.removeItem(name);
      try {
        if (storage) return storage.setItem(name, text);
      } catch {
        // It is full, and still holds an older text.
        storage?.removeItem(name);
      }
      rest.set(name, text);
    },
    names: () => [...Object.keys(storage ?? {}), ...rest.keys()],
    watch: (onChange) => {
      const listener = ({ storageArea, key, newValue }: StorageEvent): void => {
        if (storageArea === storage && key !== null) onChange(key, newValue ?? undefined);
      };
      addEventListener('storage', listener);
      return () => removeEventListener('storage', listener);
    },
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
