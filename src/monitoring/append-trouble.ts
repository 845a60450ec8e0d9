import { AppendFailure } from '../events/log.ts';

/** How long a failed append counts if no other append is tried, in ms. */
const troubleMs = 30_000;

/** Whether the log accepts appends, by the results of the last ones. */
export type AppendTrouble = {
  appended(): void;
  failed(error: unknown): void;
  /** Why nothing can be appended and how to fix it; undefined if appends succeed. */
  reason(): string | undefined;
  /** The same, if the reason is that the log is full. */
  fullReason(): string | undefined;
};

/**
 * A failure that an operator must fix counts until an append succeeds, or for 30 s: a load balancer that acts on it may
 * stop all further requests.
 */
export const appendTrouble = (monotonicMs: () => number): AppendTrouble => {
  let last: { readonly remedy: string; readonly isFull: boolean; readonly at: number } | undefined;
  const current = () => (last && monotonicMs() - last.at <= troubleMs ? last : undefined);
  return {
    appended: () => {
      last = undefined;
    },
    failed: (error) => {
      if (!(error instanceof AppendFailure) || error.remedy === undefined) return;
      last = { remedy: error.remedy, isFull: error.reason === 'full', at: monotonicMs() };
    },
    reason: () => current()?.remedy,
    fullReason: () => (current()?.isFull ? current()?.remedy : undefined),
  };
};
