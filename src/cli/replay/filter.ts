import type { Aggregate } from '../../events/aggregate.ts';
import type { LoggedEvent } from '../../events/commit.ts';
import type { EventKind } from '../../events/kinds/kinds.ts';
import { isSelected, type Selection } from '../../events/raw-log.ts';
import { storedAs } from '../../events/upcasters.ts';

/** Selects the printed events; omitted fields match all. */
export type Filter = {
  readonly circle?: string;
  readonly stream?: string;
  /** Events by this user, or of their account. */
  readonly user?: string;
  readonly by?: string;
  /** One of these. */
  readonly kinds?: readonly EventKind[];
  /** At this time or later, in ms since 1970. */
  readonly since?: number;
  /** Before this time, in ms since 1970. */
  readonly until?: number;
};

/** A filter prepared for many commits. Commits that cannot match are not decoded. */
export type Sieve = {
  /** Whether a commit may contain a matching event; false is certain. */
  mayKeep(aggregate: Aggregate, bytes: Uint8Array): boolean;
  keeps(aggregate: Aggregate, event: LoggedEvent): boolean;
};

/** The aggregates that a filter selects, if any. */
export const selectionOf = ({ circle, stream }: Filter): Selection | undefined => {
  if (stream !== undefined) return circle === undefined ? { stream } : { circle, stream };
  return circle === undefined ? undefined : { circle };
};

/** A commit with events of these kinds, older versions included, contains one of these strings. */
const marksOf = (kinds: readonly EventKind[]): readonly Buffer[] =>
  kinds.flatMap(storedAs).map((kind) => Buffer.from(`"k":"${kind}"`));

const holdsOne = (bytes: Buffer, marks: readonly Buffer[]): boolean =>
  marks.some((mark) => bytes.includes(mark));

export const sieveOf = (filter: Filter): Sieve => {
  const { user, by, kinds, since = -Infinity, until = Infinity } = filter;
  const selection = selectionOf(filter);
  const account = `user.${user}`;
  const kindMarks = kinds && marksOf(kinds);
  const byMark = by === undefined ? undefined : [Buffer.from(`"by":"${by}"`)];
  const userMark = user === undefined ? undefined : [Buffer.from(`"by":"${user}"`)];
  return {
    mayKeep(aggregate, { buffer, byteOffset, length }) {
      if (selection && !isSelected(aggregate, selection)) return false;
      if (!kindMarks && !byMark && !userMark) return true;
      const bytes = Buffer.from(buffer, byteOffset, length);
      if (kindMarks && !holdsOne(bytes, kindMarks)) return false;
      if (byMark && !holdsOne(bytes, byMark)) return false;
      return !userMark || aggregate === account || holdsOne(bytes, userMark);
    },
    keeps(aggregate, event) {
      if (selection && !isSelected(aggregate, selection)) return false;
      if (kinds && !kinds.includes(event.k)) return false;
      if (by !== undefined && event.by !== by) return false;
      if (user !== undefined && event.by !== user && aggregate !== account) return false;
      return event.at >= since && event.at < until;
    },
  };
};
