import type { EventLog } from '../../events/log.ts';
import type { ReadStore } from '../../store/store.ts';
import type { Findings } from '../../verification/findings.ts';

export type RebuildRequest = {
  /** A built-in projection, or a path; omitted: all built-in projections. */
  readonly name?: string | undefined;
  readonly expectSame?: boolean;
  readonly anew?: boolean;
  readonly json?: boolean;
};

export type Data = {
  readonly log: EventLog;
  readonly store: ReadStore;
  /** A unique name for this process. */
  readonly by: string;
  readonly isOver: (by: string) => boolean;
  /** Aborted on a signal. */
  readonly signal: AbortSignal;
};

export type ModelReport = {
  readonly model: string;
  /** Events applied by this attempt. */
  readonly events: number;
  readonly documents: number;
  /** Documents that differ from the previous ones. */
  readonly differing: number;
  readonly counts: Findings['counts'];
  readonly findings: Findings['kept'];
  /** Whether the new collection has replaced the old one. */
  readonly switched: boolean;
  /** Whether a server reads it already. */
  readonly taken: boolean;
  readonly ms: number;
};
