import { describe, expect, it } from 'vitest';
import {
  afterPost,
  afterRead,
  countLabel,
  noBadge,
  summed,
} from '../../../web/src/state/badges.ts';
import { dividerAfter } from '../../../web/src/state/divider.ts';
import { UnreadBadges } from '../../../web/src/state/unread.ts';

const badge = { last: 10, read: 8, unread: 2, mentions: 1 };

describe('what is unread of a stream', () => {
  it('counts what hints left out, by their numbers [W17]', () => {
    expect(afterPost(badge, { m: 13, isMention: false })).toEqual({
      ...badge,
      last: 13,
      unread: 5,
    });
    expect(afterPost(badge, { m: 11, isMention: true })).toMatchObject({ unread: 3, mentions: 2 });
  });

  it('does not count the same message twice', () => {
    expect(afterPost(badge, { m: 10, isMention: true })).toBe(badge);
  });

  it('stops at 100, which is shown as more', () => {
    const many = afterPost(badge, { m: 500, isMention: false });
    expect(many.unread).toBe(100);
    expect(countLabel(many.unread)).toBe('99+');
    expect(countLabel(99)).toBe('99');
  });

  it('shrinks as one reads, and a marker never goes back [H5]', () => {
    expect(afterRead(badge, 9)).toMatchObject({ read: 9, unread: 1, mentions: 1 });
    expect(afterRead(badge, 10)).toEqual({ last: 10, read: 10, unread: 0, mentions: 0 });
    expect(afterRead(badge, 3)).toBe(badge);
    expect(afterPost(afterRead(noBadge, 12), { m: 13, isMention: false }).unread).toBe(1);
  });

  it('is summed for a circle', () => {
    expect(summed([badge, badge])).toEqual({ unread: 4, mentions: 2 });
  });
});

describe('all badges', () => {
  it('are what the server counted; what it does not name is read', () => {
    const badges = new UnreadBadges();
    badges.learn('c/a', { last: 5 });
    badges.posted('c/a', 6, true);
    badges.posted('c/b', 41, false);
    expect(badges.get('c/b')).toMatchObject({ unread: 1 });
    badges.reset([{ s: 'c/b', last: 41, read: 39, unread: 2, mentions: 0 }]);
    expect(badges.get('c/a')).toMatchObject({ unread: 0, mentions: 0, read: 6 });
    expect(badges.get('c/b').unread).toBe(2);
  });

  it('are not lowered by learning again where a stream ends', () => {
    const badges = new UnreadBadges();
    badges.reset([{ s: 'c/b', last: 41, read: 39, unread: 2, mentions: 0 }]);
    badges.learn('c/b', { last: 41 });
    expect(badges.get('c/b').unread).toBe(2);
    badges.learn('c/b', { last: 41, read: 41 });
    expect(badges.get('c/b').unread).toBe(0);
  });

  it('go with their circle', () => {
    const badges = new UnreadBadges();
    badges.posted('c/b', 1, false);
    badges.posted('d/b', 1, false);
    badges.forget('c');
    expect([...badges.all.value.keys()]).toEqual(['d/b']);
  });
});

describe('the line above what is new', () => {
  it('begins where somebody looked away, and stays there', () => {
    const begun = dividerAfter(undefined, { before: 7, isSeen: false });
    expect(begun).toBe(7);
    expect(dividerAfter(begun, { before: 8, isSeen: false })).toBe(7);
    expect(dividerAfter(begun, { before: 8, isSeen: true })).toBe(7);
  });

  it('does not begin before the eyes of the reader', () => {
    expect(dividerAfter(undefined, { before: 7, isSeen: true })).toBeUndefined();
  });
});
