import type { EventLog } from '../../events/log.ts';
import type { ReadStore } from '../../store/store.ts';
import type { Findings } from '../../verification/findings.ts';

export type RebuildRequest = {
  /** Of one of Oshi's own, or a path; left out: all of Oshi's own. */
  readonly name?: string | undefined;
  readonly expectSame?: boolean;
  readonly anew?: boolean;
  readonly json?: boolean;
};

/** What a rebuild works on. */
export type Data = {
  readonly log: EventLog;
  readonly store: ReadStore;
  /** A name for this process that no other one has. */
  readonly by: string;
  readonly isOver: (by: string) => boolean;
  /** Aborted when it is asked to end. */
  readonly signal: AbortSignal;
};

/** What became of one read model. */
export type ModelReport = {
  readonly model: string;
  /** Events that were applied by this attempt. */
  readonly events: number;
  readonly documents: number;
  /** How many documents differ from those that were read before. */
  readonly differing: number;
  readonly counts: Findings['counts'];
  readonly findings: Findings['kept'];
  /** Whether the new collection is what is read, or will be. */
  readonly switched: boolean;
  /** Whether a server reads it by now. */
  readonly taken: boolean;
  readonly ms: number;
};
