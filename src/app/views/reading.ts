import type { LoggedEvent } from '../../events/commit.ts';
import { parseStreamPath } from '../../events/stream-path.ts';
import type { InvolvementRow } from '../../projections/models/involvements.ts';
import type { StreamRow } from '../../projections/models/streams.ts';
import type { ReadModels } from '../../projections/read-models.ts';
import type { Marker } from '../../store/state/markers.ts';

/** How far somebody has read in a stream. */
export type Reading = {
  /** The newest of: the stream's newest message when they joined, their own last one, and where they marked it. */
  readonly read: number;
  /** The place in the log of their joining. */
  readonly joined: number;
  /** No message above this one has ever mentioned them. */
  readonly mentioned: number;
};

/** A stream that somebody may read, and the place in the log at which they joined its circle. */
export type Joined = { readonly row: StreamRow; readonly joined: number };

/** Whose joining the read models do not show yet has just come: all that is there was there before. */
const justJoined: Reading = { read: Number.MAX_SAFE_INTEGER, joined: 0, mentioned: 0 };

type Known = {
  readonly marker: Marker | undefined;
  readonly involvement: InvolvementRow | undefined;
};

/** Whether it is known of these that they are not below the newest message at the joining. */
const isSettled = (joined: number, { marker, involvement }: Known): boolean =>
  marker?.joined === joined || (involvement?.wroteSeq ?? 0) > joined;

/**
 * How far somebody has read in a stream. Where nothing says so the newest message at the joining is looked for, and
 * kept as a marker, so that it is looked for once.
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

/** How far somebody has read in these streams, in their order. */
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

/** How far somebody has read in one stream that they may read. */
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

/** How far somebody has read once these events of the stream are taken into account. */
export const readBy = (
  user: string,
  { read, joined }: Reading,
  events: readonly { readonly seq: number; readonly event: LoggedEvent }[],
): number =>
  events.reduce((upTo, { seq, event }) => {
    const counts = event.k === 'message-posted' && (event.by === user || seq < joined);
    return counts ? Math.max(upTo, event.d.m) : upTo;
  }, read);
