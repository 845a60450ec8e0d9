/** A point at which a growing value is known. */
export type Sample = { readonly at: number; readonly value: number };

/**
 * Where to look next for the point, strictly between two others, at which `target` is passed: alternately where it
 * would be if the value grew evenly, which is usually close, and in the middle, which is never far off.
 */
export const interpolate = (
  { low, high }: { readonly low: Sample; readonly high: Sample },
  target: number,
  turn: number,
): number => {
  const width = high.at - low.at;
  const part = turn % 2 === 0 ? (target - low.value) / (high.value - low.value) : 0.5;
  const step = Number.isFinite(part) ? Math.floor(part * width) : Math.floor(width / 2);
  return low.at + Math.min(width - 1, Math.max(1, step));
};
