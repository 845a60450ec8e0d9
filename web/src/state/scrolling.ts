/** The scroll state of an area, in CSS pixels. */
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
 * Whether the user is at the bottom after scrolling. Any step up leaves it: otherwise the next message would scroll a
 * slow user back.
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

/** Which end is near enough to load more: within one and a half screens. */
export const nearEnds = (scroll: Scroll): { readonly older: boolean; readonly newer: boolean } => {
  const { scrollTop, clientHeight, scrollHeight } = scroll;
  const near = clientHeight * 1.5;
  return { older: scrollTop < near, newer: scrollHeight - scrollTop - clientHeight < near };
};

/** A row that should keep its position: its key, and its distance from the area's top. */
export type Anchor = { readonly key: string; readonly top: number };

/** The placement of a conversation after its rows have changed. */
export type Placement =
  | { readonly to: 'bottom' }
  | { readonly to: 'anchor'; readonly anchor: Anchor }
  | { readonly to: 'message'; readonly m: number }
  | { readonly to: 'divider' };

/** At the bottom it stays there; otherwise the visible rows keep their position. */
export const placementAfter = (
  wasAtBottom: boolean,
  anchor: Anchor | undefined,
): Placement | undefined => {
  if (wasAtBottom) return { to: 'bottom' };
  return anchor && { to: 'anchor', anchor };
};
