import { describe, expect, it } from 'vitest';
import type { Unread } from '../../../src/client/objects.ts';
import {
  afterPost,
  afterRead,
  countLabel,
  noBadge,
  summed,
} from '../../../web/src/state/badges.ts';
import { UnreadBadges } from '../../../web/src/state/unread.ts';

const badge = { last: 10, read: 8, unread: 2, mentions: 1 };

describe('the unread state of a stream', () => {
  it('counts missed notifications, by message number [W17]', () => {
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

  it('stops at 100, which means more', () => {
    const many = afterPost(badge, { m: 500, isMention: false });
    expect(many.unread).toBe(100);
    expect(countLabel(many.unread)).toBe('99+');
    expect(countLabel(99)).toBe('99');
  });

  it('decreases with the marker, which never goes back [H5]', () => {
    expect(afterRead(badge, 9)).toMatchObject({ read: 9, unread: 1, mentions: 1 });
    expect(afterRead(badge, 10)).toEqual({ last: 10, read: 10, unread: 0, mentions: 0 });
    expect(afterRead(badge, 3)).toBe(badge);
    expect(afterPost(afterRead(noBadge, 12), { m: 13, isMention: false }).unread).toBe(1);
  });

  it('is summed for a circle', () => {
    expect(summed([badge, badge])).toEqual({ unread: 4, mentions: 2 });
  });
});

type Row = Pick<Unread, 's' | 'last' | 'read' | 'unread'>;

/** A server that returns these counts when released. */
const counted =
  (...rows: readonly Row[]) =>
  async (): Promise<Unread[]> =>
    rows.map((row) => ({ ...row, mentions: 0 }));

const late = (...rows: readonly Row[]) => {
  let answer = (): void => {};
  const waits = new Promise<void>((resolve) => {
    answer = resolve;
  });
  return { count: () => waits.then(counted(...rows)), answer };
};

describe('badges counted during changes', () => {
  it('stay read if the server counted before the marker arrived', async () => {
    const badges = new UnreadBadges();
    const row = { s: 'c/a', last: 7, read: 5, unread: 2 };
    badges.learn('c/a', { last: 7, read: 5 });
    const { count, answer } = late(row);
    const reset = badges.reset(count);
    badges.read('c/a', 7);
    answer();
    await reset;
    expect(badges.get('c/a').unread).toBe(0);
    await badges.reset(counted(row));
    expect(badges.get('c/a').unread).toBe(0);
    await badges.reset(counted({ s: 'c/a', last: 8, read: 7, unread: 1 }));
    expect(badges.get('c/a').unread).toBe(1);
  });

  it('include messages posted during the count, whether it included them or not', async () => {
    for (const row of [
      { s: 'c/a', last: 7, read: 5, unread: 2 },
      { s: 'c/a', last: 8, read: 5, unread: 3 },
    ]) {
      const badges = new UnreadBadges();
      const { count, answer } = late(row);
      const reset = badges.reset(count);
      badges.posted('c/a', 8, false);
      badges.posted('c/b', 3, false);
      badges.forget('c/b');
      answer();
      await reset;
      expect(badges.get('c/a')).toMatchObject({ last: 8, unread: 3 });
      expect(badges.all.value.has('c/b')).toBe(false);
    }
  });

  it('use the later of two counts, whichever is answered first', async () => {
    const badges = new UnreadBadges();
    const old = late({ s: 'c/a', last: 7, read: 5, unread: 2 });
    const first = badges.reset(old.count);
    await badges.reset(counted({ s: 'c/a', last: 7, read: 5, unread: 1 }));
    old.answer();
    await first;
    expect(badges.get('c/a').unread).toBe(1);
  });

  it('do not change if the server cannot count', async () => {
    const badges = new UnreadBadges();
    badges.posted('c/a', 1, false);
    await expect(badges.reset(() => Promise.reject(new Error('away')))).rejects.toThrow('away');
    expect(badges.get('c/a').unread).toBe(1);
  });
});

describe('the badges', () => {
  it('are the counts of the server; streams not listed are read', async () => {
    const badges = new UnreadBadges();
    badges.learn('c/a', { last: 5 });
    badges.posted('c/a', 6, true);
    badges.posted('c/b', 41, false);
    expect(badges.get('c/b')).toMatchObject({ unread: 1 });
    await badges.reset(counted({ s: 'c/b', last: 41, read: 39, unread: 2 }));
    expect(badges.get('c/a')).toMatchObject({ unread: 0, mentions: 0, read: 6 });
    expect(badges.get('c/b').unread).toBe(2);
  });

  it('are not lowered by a repeated newest number', async () => {
    const badges = new UnreadBadges();
    await badges.reset(counted({ s: 'c/b', last: 41, read: 39, unread: 2 }));
    badges.learn('c/b', { last: 41 });
    expect(badges.get('c/b').unread).toBe(2);
    badges.learn('c/b', { last: 41, read: 41 });
    expect(badges.get('c/b').unread).toBe(0);
  });

  it('are removed with their circle', () => {
    const badges = new UnreadBadges();
    badges.posted('c/b', 1, false);
    badges.posted('d/b', 1, false);
    badges.forget('c');
    expect([...badges.all.value.keys()]).toEqual(['d/b']);
  });
});
