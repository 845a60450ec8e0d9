import { afterEach, describe, expect, it } from 'vitest';
import { environment } from '../../../src/config.ts';
import { compareNames } from '../../../src/text/order.ts';
import {
  agoLabel,
  clockLabel,
  counted,
  dayLabel,
  dayOf,
  deviceOf,
} from '../../../web/src/state/labels.ts';

const env = environment() as Record<string, string | undefined>;
const zone = env.TZ;

/** Changes the time zone of this process, like a traveller's laptop. */
const setZone = (name: string | undefined): void => {
  if (name === undefined) delete env.TZ;
  else env.TZ = name;
};

afterEach(() => setZone(zone));

const at = (iso: string): number => Date.parse(iso);

it.each([
  // The clocks go forward on Sunday, which has 23 hours.
  ['2027-03-27T12:00:00+01:00', '2027-03-29T00:30:00+02:00', /^Saturday/],
  ['2027-03-28T12:00:00+02:00', '2027-03-29T00:30:00+02:00', /^Yesterday$/],
  // They go back on Sunday, which has 25.
  ['2027-10-30T12:00:00+02:00', '2027-10-31T23:30:00+01:00', /^Yesterday$/],
  ['2027-10-31T00:30:00+02:00', '2027-10-31T23:30:00+01:00', /^Today$/],
  ['2027-11-10T23:58:00+01:00', '2027-11-11T00:01:00+01:00', /^Yesterday$/],
])('%s, seen at %s, is %s', (then, now, label) => {
  setZone('Europe/Berlin');
  expect(dayLabel(at(then), at(now))).toMatch(label);
});

it('times and days follow the current time zone', () => {
  const moment = at('2027-01-10T23:30:00Z');
  setZone('Europe/Berlin');
  expect([clockLabel(moment), dayOf(moment)]).toEqual([
    expect.stringMatching(/^0?12:30|^0?0:30|^24:30/),
    'Mon Jan 11 2027',
  ]);
  setZone('Asia/Tokyo');
  expect(clockLabel(moment)).toMatch(/^0?8:30/);
  setZone('America/New_York');
  expect([clockLabel(moment), dayOf(moment)]).toEqual([
    expect.stringMatching(/^0?6:30|^18:30/),
    'Sun Jan 10 2027',
  ]);
});

it('names are sorted numerically', () => {
  const names = ['Row 100', 'Row 10', 'row 2', 'Row 1'];
  expect(names.toSorted(compareNames)).toEqual(['Row 1', 'row 2', 'Row 10', 'Row 100']);
});

describe('labels', () => {
  it('counts', () => {
    expect(counted(1, 'member')).toBe('1 member');
    expect(counted(2, 'member')).toBe('2 members');
  });

  it('formats relative times', () => {
    const now = Date.UTC(2026, 0, 31);
    expect(agoLabel(now - 1_000, now)).toBe('just now');
    expect(agoLabel(now - 3 * 3_600_000, now)).toBe('3 hours ago');
    expect(agoLabel(now + 7 * 86_400_000, now)).toBe('in 7 days');
  });

  it('recognises a browser by its user agent', () => {
    expect(deviceOf('Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0')).toBe(
      'Firefox on Linux',
    );
    expect(deviceOf('node')).toBe('node');
    expect(deviceOf('')).toBe('Unknown client');
  });
});
