import { AppendFailure } from '../events/log.ts';

/** So long after a failed append without a successful one it is worth trying again, in ms. */
const troubleMs = 30_000;

/** What is learned from appends about whether the log takes any. */
export type AppendTrouble = {
  appended(): void;
  failed(error: unknown): void;
  /** Why nothing can be appended, and what to do about it; undefined if nothing is known against it. */
  reason(): string | undefined;
};

/**
 * An append that failed for a reason that an operator must remove counts until one succeeds, or for 30 s: a load
 * balancer that goes by this may keep all others away.
 */
export const appendTrouble = (monotonicMs: () => number): AppendTrouble => {
  let last: { readonly remedy: string; readonly at: number } | undefined;
  return {
    appended: () => {
      last = undefined;
    },
    failed: (error) => {
      const remedy = error instanceof AppendFailure ? error.remedy : undefined;
      if (remedy !== undefined) last = { remedy, at: monotonicMs() };
    },
    reason: () => (last && monotonicMs() - last.at <= troubleMs ? last.remedy : undefined),
  };
};
