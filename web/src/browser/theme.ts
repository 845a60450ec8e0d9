import { effect, type Signal, signal } from '@preact/signals';
import type { Storage } from '../state/storage.ts';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

const key = 'oshi-theme';

/** The colour theme, stored in this browser. */
export const keepTheme = (storage: Storage): Signal<Theme> => {
  const kept = themes.find((name) => name === storage.get(key));
  const theme = signal<Theme>(kept ?? 'system');
  effect(() => {
    document.documentElement.dataset.theme = theme.value;
    storage.set(key, theme.value);
  });
  return theme;
};
