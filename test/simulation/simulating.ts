import { type Outcome, outcomeOf } from './outcome.ts';
import { makePast, type Past } from './past.ts';
import { type Schedule, scheduleOf } from './schedule.ts';
import { keeping, type Shrunk, shrink } from './shrink.ts';

export type SimulationOptions = {
  /** The seed of the first schedule; each further one has the next. */
  readonly seed: number;
  readonly schedules: number;
  /** The indices of the actions to be kept; default: all. */
  readonly keep?: readonly number[];
  /** Whether a schedule that breaks a promise is made smaller; default: yes. */
  readonly shrinks?: boolean;
  /** Called after each schedule with how many were played. */
  readonly onPlayed?: (played: number) => void;
};

/** A schedule that broke a promise, and a smaller one that does. */
export type Found = { readonly outcome: Outcome } & Shrunk;

/** What a number of schedules has led to. */
export type Simulated = {
  readonly played: number;
  readonly steps: number;
  readonly accepted: number;
  /** Virtual time, in ms. */
  readonly ms: number;
  /** The same for two runs that are the same. */
  readonly trace: number;
  readonly found: Found | undefined;
};

const playedSchedule = (seed: number, keep: readonly number[] | undefined): Schedule => {
  const schedule = scheduleOf(seed);
  return keep ? keeping(schedule, keep) : schedule;
};

const smaller = async (past: Past, { outcome, schedule, kept }: Found): Promise<Found> => {
  const shrunk = await shrink(past, schedule, outcome);
  return {
    outcome: await outcomeOf(past, shrunk.schedule),
    schedule: shrunk.schedule,
    kept: shrunk.kept.flatMap((index) => kept[index] ?? []),
  };
};

/** Plays schedules until one breaks a promise, which is then made smaller. */
export const simulate = async (options: SimulationOptions): Promise<Simulated> => {
  const { seed, schedules, keep, shrinks = true, onPlayed = () => undefined } = options;
  const past = await makePast();
  const sum = { played: 0, steps: 0, accepted: 0, ms: 0, trace: 0 };
  while (sum.played < schedules) {
    const schedule = playedSchedule(seed + sum.played, keep);
    const outcome = await outcomeOf(past, schedule);
    sum.played++;
    sum.steps += outcome.steps;
    sum.accepted += outcome.accepted;
    sum.ms += outcome.ms;
    sum.trace = (Math.imul(sum.trace, 31) + outcome.trace) | 0;
    onPlayed(sum.played);
    if (!outcome.violation) continue;
    const kept = schedule.actions.map((_, index) => keep?.[index] ?? index);
    const found = { outcome, schedule, kept };
    return { ...sum, found: shrinks ? await smaller(past, found) : found };
  }
  return { ...sum, found: undefined };
};
