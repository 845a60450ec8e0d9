import { effect, type Signal, signal } from '@preact/signals';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

const key = 'oshi-theme';

/** How the page looks; kept by this browser. */
export const keepTheme = (): Signal<Theme> => {
  const kept = themes.find((name) => name === localStorage.getItem(key));
  const theme = signal<Theme>(kept ?? 'system');
  effect(() => {
    document.documentElement.dataset.theme = theme.value;
    localStorage.setItem(key, theme.value);
  });
  return theme;
};
