/** The day of a time, in local time. */
export const dayOf = (at: number): string => new Date(at).toDateString();

const dayBefore = (at: number): number => {
  const day = new Date(at);
  // Not 24 hours before: with daylight saving a day may have 23 or 25.
  return day.setDate(day.getDate() - 1);
};

/** "Today", "Yesterday", "Tuesday, 24 November", with the year if it is not the current one. */
export const dayLabel = (at: number, now: number): string => {
  if (dayOf(at) === dayOf(now)) return 'Today';
  if (dayOf(at) === dayOf(dayBefore(now))) return 'Yesterday';
  const isThisYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  const year = isThisYear ? {} : ({ year: 'numeric' } as const);
  return new Intl.DateTimeFormat(undefined, {
    ...{ weekday: 'long', day: 'numeric', month: 'long' },
    ...year,
  }).format(at);
};

/** Identifies a time zone: its offsets to UTC now, in winter and in summer, in minutes. */
export const zoneOf = (now: number): string => {
  const year = new Date(now).getFullYear();
  const moments = [new Date(now), new Date(year, 0), new Date(year, 6)];
  return moments.map((moment) => moment.getTimezoneOffset()).join();
};

/** A format is expensive to create and keeps its time zone, so it is cached per time zone. */
const labelIn = (options: Intl.DateTimeFormatOptions): ((at: number) => string) => {
  let zone: string | undefined;
  let format: Intl.DateTimeFormat;
  return (at) => {
    const here = zoneOf(Date.now());
    if (here !== zone) format = new Intl.DateTimeFormat(undefined, options);
    zone = here;
    return format.format(at);
  };
};

export const clockLabel = labelIn({ hour: 'numeric', minute: '2-digit' });
export const fullLabel = labelIn({ dateStyle: 'full', timeStyle: 'short' });

/** To the second, with and without the day, and the day alone. */
export const exactLabel = labelIn({ dateStyle: 'medium', timeStyle: 'medium' });
export const exactClockLabel = labelIn({ timeStyle: 'medium' });
export const dateLabel = labelIn({ dateStyle: 'medium' });

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

/** "Display name" for "display name". */
export const capitalized = (text: string): string =>
  text.charAt(0).toLocaleUpperCase() + text.slice(1);

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
  return browser ?? system ?? (userAgent.split(/[\s/]/, 1)[0] || 'Unknown client');
};
