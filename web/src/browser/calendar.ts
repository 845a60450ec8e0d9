import { type ReadonlySignal, signal } from '@preact/signals';
import { dayOf, zoneOf } from '../state/labels.ts';

/** No event tells of midnight or of a new time zone, so it is looked at so often, in ms. */
const lookEveryMs = 10_000;

/** The day it is, and the time zone: whoever shows days and times reads it, to be drawn again when it changes. */
export const watchCalendar = (): ReadonlySignal<string> => {
  const read = (): string => `${dayOf(Date.now())} ${zoneOf(Date.now())}`;
  const calendar = signal(read());
  const look = (): void => {
    calendar.value = read();
  };
  setInterval(look, lookEveryMs);
  addEventListener('focus', look);
  document.addEventListener('visibilitychange', look);
  return calendar;
};
