import { isSkeletonKey } from '../../events/aggregate.ts';

/** A folded name is at most this long: 32 letters, each of which may fold to three. */
const foldedMax = 96;

/** Whether a folded text can be a username at all; if not, it is not looked up. */
export const isHoldable = (folded: string): boolean =>
  folded.length > 0 &&
  !isSkeletonKey(folded) &&
  [...folded].length <= foldedMax &&
  folded.isWellFormed();
