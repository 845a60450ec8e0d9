import type { LoggedEvent } from '../../events/commit.ts';
import { parseStreamPath } from '../../events/stream-path.ts';
import type { InvolvementRow } from '../../projections/models/involvements.ts';
import type { StreamRow } from '../../projections/models/streams.ts';
import type { ReadModels } from '../../projections/read-models.ts';
import type { Marker } from '../../store/state/markers.ts';

/** What a user has read of a stream. */
export type Reading = {
  /**
   * The highest of: the stream's newest message at the time of joining, the user's own last message, the read marker.
   */
  readonly read: number;
  /** The position in the log at which the user joined. */
  readonly joined: number;
  /** No message above this one mentions the user. */
  readonly mentioned: number;
};

/** A stream of a circle that the user has joined, and the position in the log of the joining. */
export type Joined = { readonly row: StreamRow; readonly joined: number };

/** The read models have not applied the joining yet, so it is recent: all messages are older. */
const justJoined: Reading = { read: Number.MAX_SAFE_INTEGER, joined: 0, mentioned: 0 };

type Known = {
  readonly marker: Marker | undefined;
  readonly involvement: InvolvementRow | undefined;
};

/** Whether these are known to be at least the newest message at the time of joining. */
const isSettled = (joined: number, { marker, involvement }: Known): boolean =>
  marker?.joined === joined || (involvement?.wroteSeq ?? 0) > joined;

/**
 * What a user has read of a stream. If nothing else determines it, the newest message at the time of joining is looked
 * up and stored as a marker, once.
 */
const settle = async (
  models: ReadModels,
  user: string,
  { row, joined, ...known }: Joined & Known,
): Promise<Reading> => {
  const { marker, involvement } = known;
  const { _id: s, last, lastSeq } = row;
  const mentioned = involvement?.mentioned ?? 0;
  if (lastSeq <= joined) return { read: last, joined, mentioned };
  const read = Math.max(marker?.m ?? 0, involvement?.wrote ?? 0);
  if (isSettled(joined, known)) return { read, joined, mentioned };
  const found = await models.backlog.newestBefore(s, { seq: joined, last });
  if (found.isWhole) await models.markers.advance(user, s, { m: found.m, joined });
  return { read: Math.max(read, found.m), joined, mentioned };
};

/** What a user has read of these streams, in the same order. */
export const readingsOf = async (
  models: ReadModels,
  user: string,
  streams: readonly Joined[],
): Promise<Reading[]> => {
  const names = streams.map(({ row }) => row._id);
  const [markers, involvements] = await Promise.all([
    models.markers.getMany(user, names),
    models.involvements.getMany(user, names),
  ]);
  return Promise.all(
    streams.map((each) => {
      const { _id: s } = each.row;
      const known = { marker: markers.get(s), involvement: involvements.get(s) };
      return settle(models, user, { ...each, ...known });
    }),
  );
};

/** What a user has read of one stream. */
export const readingOf = async (models: ReadModels, user: string, s: string): Promise<Reading> => {
  const [membership, row] = await Promise.all([
    models.memberships.get(parseStreamPath(s).circle, user),
    models.streams.get(s),
  ]);
  if (!(membership?.active && row)) return justJoined;
  const [reading = justJoined] = await readingsOf(models, user, [
    { row, joined: membership.joinedSeq },
  ]);
  return reading;
};

/** The highest read message once these events of the stream are included. */
export const readBy = (
  user: string,
  { read, joined }: Reading,
  events: readonly { readonly seq: number; readonly event: LoggedEvent }[],
): number =>
  events.reduce((upTo, { seq, event }) => {
    const counts = event.k === 'message-posted' && (event.by === user || seq < joined);
    return counts ? Math.max(upTo, event.d.m) : upTo;
  }, read);
