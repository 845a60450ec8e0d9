import type { Aggregate } from '../../events/aggregate.ts';
import type { LoggedEvent } from '../../events/commit.ts';
import type { EventKind } from '../../events/kinds/kinds.ts';
import { isSelected, type Selection } from '../../events/raw-log.ts';
import { storedAs } from '../../events/upcasters.ts';

/** Which events are printed; what is left out keeps all. */
export type Filter = {
  readonly circle?: string;
  readonly stream?: string;
  /** What this user did, or what happened to their account. */
  readonly user?: string;
  readonly by?: string;
  /** One of these. */
  readonly kinds?: readonly EventKind[];
  /** At this time or later, in ms since 1970. */
  readonly since?: number;
  /** Before this time, in ms since 1970. */
  readonly until?: number;
};

/** A filter made ready to look at many commits. What is refused early is never decoded. */
export type Sieve = {
  /** Whether an event of this aggregate can fit; says no for sure, and yes for now. */
  mayKeep(aggregate: Aggregate, bytes: Uint8Array): boolean;
  keeps(aggregate: Aggregate, event: LoggedEvent): boolean;
};

/** The aggregates to which a filter narrows the log, if it does. */
export const selectionOf = ({ circle, stream }: Filter): Selection | undefined => {
  if (stream !== undefined) return circle === undefined ? { stream } : { circle, stream };
  return circle === undefined ? undefined : { circle };
};

/** Words of which a commit must hold one to hold an event of these kinds, older versions included. */
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
