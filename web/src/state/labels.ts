/** The day of a time, as the reader's clock has it. */
export const dayOf = (at: number): string => new Date(at).toDateString();

const dayMs = 86_400_000;

/** "Today", "Yesterday", "Tuesday, 24 November", with the year where it is not this one. */
export const dayLabel = (at: number, now: number): string => {
  if (dayOf(at) === dayOf(now)) return 'Today';
  if (dayOf(at) === dayOf(now - dayMs)) return 'Yesterday';
  const isThisYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  const year = isThisYear ? {} : ({ year: 'numeric' } as const);
  return new Intl.DateTimeFormat(undefined, {
    ...{ weekday: 'long', day: 'numeric', month: 'long' },
    ...year,
  }).format(at);
};

const clock = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'short' });

export const clockLabel = (at: number): string => clock.format(at);
export const fullLabel = (at: number): string => full.format(at);

const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const exactClock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });

const date = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });

/** To the second, with and without the day, and the day alone. */
export const exactLabel = (at: number): string => exact.format(at);
export const exactClockLabel = (at: number): string => exactClock.format(at);
export const dateLabel = (at: number): string => date.format(at);

/** "just now", "5 minutes ago", "in 3 days". */
export const agoLabel = (at: number, now: number): string => {
  const seconds = Math.round((at - now) / 1000);
  if (Math.abs(seconds) < 45) return 'just now';
  const words = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' });
  const steps = [
    ['minute', 60, 60],
    ['hour', 3600, 24],
    ['day', 86_400, 30],
    ['month', 2_592_000, 12],
  ] as const;
  for (const [unit, size, max] of steps) {
    const count = Math.round(seconds / size);
    if (Math.abs(count) < max) return words.format(count, unit);
  }
  return words.format(Math.round(seconds / 31_536_000), 'year');
};

/** "3 members", "1 member". */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`;

/** The browser and system of a session, from its user agent. */
export const deviceOf = (userAgent = ''): string => {
  const known = (names: readonly (readonly [RegExp, string])[]): string | undefined =>
    names.find(([form]) => form.test(userAgent))?.[1];
  const browser = known([
    [/Edg\//, 'Edge'],
    [/Firefox\//, 'Firefox'],
    [/Chrom(e|ium)\//, 'Chrome'],
    [/Safari\//, 'Safari'],
  ]);
  const system = known([
    [/Android/, 'Android'],
    [/iPhone|iPad/, 'iOS'],
    [/Windows/, 'Windows'],
    [/Mac OS X/, 'macOS'],
    [/Linux/, 'Linux'],
  ]);
  if (browser && system) return `${browser} on ${system}`;
  return browser ?? system ?? (userAgent.split(/[\s/]/, 1)[0] || 'An unknown program');
};
