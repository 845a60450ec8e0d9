/** Where a scrolled area stands, in CSS pixels. */
export type Scroll = {
  readonly scrollTop: number;
  readonly clientHeight: number;
  readonly scrollHeight: number;
};

/** Half a line counts as the bottom: zoom and fractions of pixels never reach it exactly. */
const bottomSlack = 24;

export const isAtBottom = ({ scrollTop, clientHeight, scrollHeight }: Scroll): boolean =>
  scrollHeight - scrollTop - clientHeight <= bottomSlack;

/**
 * Whether the reader is at the bottom once the area looks so. A step up leaves it, however small: who turns a wheel
 * slowly would be brought back by the next message otherwise.
 */
export const isAtBottomAfter = (
  wasAtBottom: boolean,
  before: Scroll | undefined,
  now: Scroll,
): boolean => {
  const isSameArea =
    before?.scrollHeight === now.scrollHeight && before.clientHeight === now.clientHeight;
  const step = isSameArea ? now.scrollTop - before.scrollTop : 0;
  const isLeft = step < 0 || (step === 0 && isSameArea && !wasAtBottom);
  return isAtBottom(now) && !(isLeft && now.scrollHeight - now.scrollTop - now.clientHeight > 1);
};

/** Which end is so near that more should be read there: within one and a half screens. */
export const nearEnds = (scroll: Scroll): { readonly older: boolean; readonly newer: boolean } => {
  const { scrollTop, clientHeight, scrollHeight } = scroll;
  const near = clientHeight * 1.5;
  return { older: scrollTop < near, newer: scrollHeight - scrollTop - clientHeight < near };
};

/** Something on the page that should stay where it is: its key, and how far it is below the area's top. */
export type Anchor = { readonly key: string; readonly top: number };

/** How a conversation is to be placed once its rows have changed. */
export type Placement =
  | { readonly to: 'bottom' }
  | { readonly to: 'anchor'; readonly anchor: Anchor }
  | { readonly to: 'message'; readonly m: number }
  | { readonly to: 'divider' };

/** Who reads at the bottom stays there; for everybody else what they look at stays where it is. */
export const placementAfter = (
  wasAtBottom: boolean,
  anchor: Anchor | undefined,
): Placement | undefined => {
  if (wasAtBottom) return { to: 'bottom' };
  return anchor && { to: 'anchor', anchor };
};
