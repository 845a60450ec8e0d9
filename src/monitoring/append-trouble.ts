import { AppendFailure } from '../events/log.ts';

/** How long a failed append counts if no other append is tried, in ms. */
const troubleMs = 30_000;

/** Whether the log accepts appends, by the results of the last ones. */
export type AppendTrouble = {
  appended(): void;
  failed(error: unknown): void;
  /** Why nothing can be appended and how to fix it; undefined if appends succeed. */
  reason(): string | undefined;
};

/**
 * A failure that an operator must fix counts until an append succeeds, or for 30 s: a load balancer that acts on it may
 * stop all further requests.
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
