import { describe, expect, it } from 'vitest';
import {
  isAtBottom,
  isAtBottomAfter,
  nearEnds,
  placementAfter,
} from '../../../web/src/state/scrolling.ts';

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
