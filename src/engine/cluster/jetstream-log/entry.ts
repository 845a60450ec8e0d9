import { headers, type MsgHdrs } from '@nats-io/transport-node';
import type { Aggregate } from '../../../events/aggregate.ts';
import type { Commit } from '../../../events/commit.ts';
import { AppendFailure, type Tail } from '../../../events/log.ts';

/** One append in flight: what is sent, what it expects, and its caller. */
export type Entry = {
  readonly aggregate: Aggregate;
  readonly commit: Commit;
  readonly subject: string;
  readonly bytes: Uint8Array;
  readonly after: Tail;
  /** Called once the commit is stored at `seq`. */
  stored(seq: number): void;
  failed(failure: AppendFailure): void;
};

export type Sent =
  | { readonly kind: 'stored'; readonly seq: number }
  | { readonly kind: 'refused'; readonly code: number; readonly text: string }
  /** Whether it is stored must be looked up. */
  | { readonly kind: 'lost'; readonly cause: unknown };

/** The headers by which the server stores a commit only after the tail that it was decided on, and only once. */
export const headersOf = ({ commit, after }: Entry): MsgHdrs => {
  const list = headers();
  list.set('Nats-Expected-Last-Subject-Sequence', String(after.seq));
  list.set('Nats-Msg-Id', commit.id);
  return list;
};

/** For a server that refuses commits because a limit of its storage is reached. */
const fullRemedy =
  'NATS has no room for the event log: free space on its disk, or raise the limits of its storage';

/** For a server that answers everything but commits: it stores nothing after a failed write. */
export const stalledRemedy =
  'NATS stores nothing: its disk is full or broken; free space on it, then restart nats-server, which does not recover by itself';

/** Why an entry failed, as text for the operator's log. */
export const failureOf = (
  reason: AppendFailure['reason'],
  { aggregate }: Entry,
  { detail, remedy }: { readonly detail?: string | undefined; readonly remedy?: string } = {},
): AppendFailure => {
  const why = {
    conflict: 'another writer appended to it',
    unknown: 'the answer was lost and what became of it could not be found out',
    full: 'the log has no room',
    unavailable: 'the log cannot be reached or does not accept it',
  }[reason];
  return new AppendFailure(reason, `${aggregate}: ${why}${detail ? ` (${detail})` : ''}`, {
    remedy: remedy ?? (reason === 'full' ? fullRemedy : undefined),
  });
};
