/**
 * The position of the "new" divider after a message was posted below message `before`. An existing divider stays; if
 * the user is watching, nothing is new.
 */
export const dividerAfter = (
  divider: number | undefined,
  { before, isSeen }: { readonly before: number; readonly isSeen: boolean },
): number | undefined => {
  if (isSeen) return divider;
  return divider ?? before;
};
