/** The lifetime of a circle, in ms since 1970. */
export type Life = { readonly from: number; readonly to: number };

/** The number of steps of the slider; the last is now. */
export const stepsMax = 1_000;

/** The time at a step of the slider; undefined: now. */
export const timeAt = (step: number, { from, to }: Life): number | undefined =>
  step >= stepsMax ? undefined : Math.round(from + ((to - from) * Math.max(0, step)) / stepsMax);

/** The step nearest to a time; only now is the last one. */
export const stepAt = (at: number | undefined, { from, to }: Life): number => {
  if (at === undefined) return stepsMax;
  const part = to > from ? (at - from) / (to - from) : 0;
  return Math.min(stepsMax - 1, Math.max(0, Math.round(part * stepsMax)));
};

/** The last event up to a time, of events newest first. */
export const lastUpTo = <Event extends { readonly at: number }>(
  events: readonly Event[],
  at: number,
): Event | undefined => events.find((event) => event.at <= at);
