import { describe, expect, it } from 'vitest';
import { emojiOf } from '../../../web/src/state/emoji.ts';
import { agoLabel, counted, deviceOf } from '../../../web/src/state/labels.ts';
import { inviteCodeOf, pathOf, routeOf } from '../../../web/src/state/route.ts';
import {
  isAtBottom,
  isAtBottomAfter,
  nearEnds,
  placementAfter,
} from '../../../web/src/state/scrolling.ts';
import { begunBy, current, endedBy, nobody, typingLabel } from '../../../web/src/state/typing.ts';

const circle = '01936f8e-0000-7000-8000-000000000001';

describe('the URL', () => {
  it.each([
    '/',
    '/find',
    `/c/${circle}`,
    `/c/${circle}/${circle}`,
    '/invite/a-B_9',
    '/settings/sessions',
  ])('%s names a place and back', (path) => {
    expect(pathOf(routeOf(path))).toBe(path);
  });

  it.each(['/c', '/c/nonsense', '/c/../..', '/nothing', '/invite/'])(
    '%s names no place',
    (path) => {
      expect(routeOf(path)).toEqual({ at: 'nowhere', path });
      expect(pathOf(routeOf(path))).toBe(path);
    },
  );

  it('is home if empty', () => {
    expect(routeOf('')).toEqual({ at: 'home' });
  });

  it('opens the profile for unknown settings', () => {
    expect(routeOf('/settings/x')).toEqual({ at: 'settings', section: 'profile' });
  });

  it('finds the code in pasted text', () => {
    expect(inviteCodeOf('https://chat.example/invite/a-B_9?x')).toBe('a-B_9');
    expect(inviteCodeOf('  a-B_9 ')).toBe('a-B_9');
    expect(inviteCodeOf('two words')).toBeUndefined();
    expect(inviteCodeOf('')).toBeUndefined();
  });
});

describe('scrolling', () => {
  const area = { clientHeight: 600, scrollHeight: 3_000 };

  it('treats a fraction of a line as the bottom', () => {
    expect(isAtBottom({ ...area, scrollTop: 2_399.5 })).toBe(true);
    expect(isAtBottom({ ...area, scrollTop: 2_300 })).toBe(false);
  });

  it('leaves the bottom by any step up, and returns to it', () => {
    const at = (scrollTop: number) => ({ ...area, scrollTop });
    expect(isAtBottomAfter(true, at(2_400), at(2_394))).toBe(false);
    expect(isAtBottomAfter(false, at(2_394), at(2_394))).toBe(false);
    expect(isAtBottomAfter(false, at(2_394), at(2_399))).toBe(true);
    expect(isAtBottomAfter(true, at(2_400), { ...at(2_400), scrollHeight: 3_020 })).toBe(true);
    expect(isAtBottomAfter(true, undefined, at(2_400))).toBe(true);
  });

  it('loads more near the ends', () => {
    expect(nearEnds({ ...area, scrollTop: 100 })).toEqual({ older: true, newer: false });
    expect(nearEnds({ ...area, scrollTop: 2_000 })).toEqual({ older: false, newer: true });
    expect(nearEnds({ clientHeight: 600, scrollHeight: 600, scrollTop: 0 }).older).toBe(true);
  });

  it('stays at the bottom, or at the visible rows', () => {
    const anchor = { key: 'x', top: 12 };
    expect(placementAfter(true, anchor)).toEqual({ to: 'bottom' });
    expect(placementAfter(false, anchor)).toEqual({ to: 'anchor', anchor });
    expect(placementAfter(false, undefined)).toBeUndefined();
  });
});

describe('typing', () => {
  it('is typing until an event or the timeout', () => {
    const typing = begunBy(begunBy(nobody, 'a', 100), 'b', 200);
    expect([...current(typing, 150).keys()]).toEqual(['b']);
    expect(current(typing, 50)).toBe(typing);
    expect([...endedBy(typing, 'a').keys()]).toEqual(['b']);
    expect(endedBy(typing, 'z')).toBe(typing);
    expect(typingLabel([])).toBe('');
    expect(typingLabel(['Ada', 'Ben'])).toBe('Ada and Ben are typing…');
  });
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

  it('accepts any single emoji sequence [H6]', () => {
    expect(emojiOf(' 👩‍👩‍👧 x')).toBe('👩‍👩‍👧');
    expect(emojiOf('❤️')).toBe('❤️');
    expect(emojiOf('7')).toBeUndefined();
    expect(emojiOf('')).toBeUndefined();
  });
});
