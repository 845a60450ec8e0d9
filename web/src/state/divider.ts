/**
 * Where what is new begins, after something was posted below message `before`. The line stays where it is while
 * there is one; if the reader looks on as it is posted, nothing is new.
 */
export const dividerAfter = (
  divider: number | undefined,
  { before, isSeen }: { readonly before: number; readonly isSeen: boolean },
): number | undefined => {
  if (isSeen) return divider;
  return divider ?? before;
};
