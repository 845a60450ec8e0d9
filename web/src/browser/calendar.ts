import { type ReadonlySignal, signal } from '@preact/signals';
import { dayOf, zoneOf } from '../state/labels.ts';

/** There is no event for midnight or a new time zone, so they are polled at this interval, in ms. */
const lookEveryMs = 10_000;

/** The current day and time zone; views of days and times read it, to re-render when it changes. */
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
