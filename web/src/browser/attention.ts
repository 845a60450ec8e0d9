import { type ReadonlySignal, signal } from '@preact/signals';

/** Idle after this time without input, in ms. */
const idleMs = 5 * 60_000;

export type Attention = {
  /** Whether the page has the focus. */
  readonly isFocused: ReadonlySignal<boolean>;
  readonly status: ReadonlySignal<'online' | 'idle'>;
};

/** Tracks whether the user is at the page. */
export const watchAttention = (): Attention => {
  const isHere = (): boolean => document.visibilityState === 'visible' && document.hasFocus();
  const isFocused = signal(isHere());
  const status = signal<'online' | 'idle'>('online');
  let timer = 0;
  const active = (): void => {
    status.value = 'online';
    clearTimeout(timer);
    timer = setTimeout(() => {
      status.value = 'idle';
    }, idleMs);
  };
  const look = (): void => {
    isFocused.value = isHere();
    if (isFocused.value) active();
  };
  for (const name of ['focus', 'blur', 'pageshow']) addEventListener(name, look);
  document.addEventListener('visibilitychange', look);
  for (const name of ['pointerdown', 'keydown', 'wheel', 'touchstart']) {
    addEventListener(name, active, { passive: true });
  }
  active();
  return { isFocused, status };
};
