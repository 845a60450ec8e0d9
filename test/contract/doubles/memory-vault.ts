import type { Vault } from '../../../src/events/vault.ts';

/** A vault in memory, and what it holds. */
export const memoryVault = (): Vault & { readonly kept: Map<string, string> } => {
  const kept = new Map<string, string>();
  return {
    kept,
    get: async (key) => kept.get(key),
    put: async (key, value) => void kept.set(key, value),
    ensure: async (key, value) => {
      if (!kept.has(key)) kept.set(key, value);
      return kept.get(key) ?? value;
    },
    destroy: async (key) => void kept.delete(key),
    close: async () => undefined,
  };
};
