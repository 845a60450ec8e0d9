/** Where something that only grows has a known value. */
export type Sample = { readonly at: number; readonly value: number };

/**
 * Where to look next for the place, strictly between two others, at which `wanted` is passed: by turns where it would
 * be if the value grew evenly, which is nearly found, and in the middle, which is never far.
 */
export const interpolate = (
  { low, high }: { readonly low: Sample; readonly high: Sample },
  wanted: number,
  turn: number,
): number => {
  const width = high.at - low.at;
  const part = turn % 2 === 0 ? (wanted - low.value) / (high.value - low.value) : 0.5;
  const step = Number.isFinite(part) ? Math.floor(part * width) : Math.floor(width / 2);
  return low.at + Math.min(width - 1, Math.max(1, step));
};
