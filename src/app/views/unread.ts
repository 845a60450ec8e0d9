import type * as Type from 'typebox';
import type { StreamRow } from '../../projections/models/streams.ts';
import type { ReadModels } from '../../projections/read-models.ts';
import { defined } from '../../runtime/defined.ts';
import { limits } from '../limits/limits.ts';
import type { Source } from '../limits/reads.ts';
import type * as objects from './objects.ts';
import { type Joined, type Reading, readingsOf } from './reading.ts';

/** The unread messages of a stream. Counts are exact up to 99; 100 means 100 or more (H5). */
export type UnreadView = Type.Static<typeof objects.Unread>;

/**
 * The streams with unread messages in the order of their circles; `next`: the circle after which the next page starts.
 */
export type UnreadPage = { readonly streams: readonly UnreadView[]; readonly next?: string };

/** Counts messages only if the rows do not determine the number: if deleted ones, or mentions, are above `read`. */
const viewOf = async (
  models: ReadModels,
  user: string,
  { row, reading }: { row: StreamRow; reading: Reading },
): Promise<UnreadView | undefined> => {
  const { _id: s, last, deletedMax } = row;
  const read = Math.min(reading.read, last);
  if (read === last) return undefined;
  const { unreadMax } = limits;
  const unread =
    deletedMax <= read
      ? Math.min(last - read, unreadMax)
      : await models.backlog.countAbove(s, read, unreadMax);
  if (unread === 0) return undefined;
  const mentions =
    reading.mentioned <= read
      ? 0
      : await models.mentions.countAbove(user, { s, m: read }, unreadMax);
  return { s, last, read, unread, mentions };
};

/** Circles whose streams are read at once, which may be 500 each. */
const circlesAtOnce = 4;

/** The streams of those circles that were not deleted. */
const streamsIn = async (
  { models, turn }: Source,
  circles: readonly string[],
): Promise<StreamRow[]> => {
  const open = [...(await models.circles.getMany(circles)).keys()];
  const rows: StreamRow[] = [];
  for (let from = 0; from < open.length; from += circlesAtOnce) {
    rows.push(...(await models.streams.ofCircles(open.slice(from, from + circlesAtOnce))));
    await turn();
  }
  return rows;
};

/** The streams with messages since the user joined. */
const streamsSince = async (
  source: Source,
  joinedSeqs: ReadonlyMap<string, number>,
): Promise<Joined[]> => {
  const rows = await streamsIn(source, [...joinedSeqs.keys()]);
  return rows
    .map((row) => ({ row, joined: joinedSeqs.get(row.circle) ?? 0 }))
    .filter(({ row, joined }) => row.lastSeq > joined)
    .sort((a, b) =>
      a.row.circle < b.row.circle
        ? -1
        : a.row.circle > b.row.circle
          ? 1
          : a.row.order - b.row.order,
    );
};

/** Streams that are counted at once. */
const streamsAtOnce = 100;

/** The unread messages of these streams. */
const viewsOf = async (
  { models, turn }: Source,
  user: string,
  streams: readonly Joined[],
): Promise<UnreadView[]> => {
  const views: UnreadView[] = [];
  for (let from = 0; from < streams.length; from += streamsAtOnce) {
    const some = streams.slice(from, from + streamsAtOnce);
    const readings = await readingsOf(models, user, some);
    const counted = some.flatMap(({ row }, at) => {
      const reading = readings[at];
      return reading ? viewOf(models, user, { row, reading }) : [];
    });
    for (const view of await Promise.all(counted)) if (view) views.push(view);
    await turn();
  }
  return views;
};

/**
 * A user's unread messages in all circles after `after`. A page ends when it is large, or when many circles were read.
 */
export const unreadOf = async (
  source: Source,
  user: string,
  after?: string,
): Promise<UnreadPage> => {
  const streams: UnreadView[] = [];
  const limit = limits.unreadCirclesAtOnce;
  let looked = 0;
  for (let from = after; ; ) {
    const page = defined({ after: from, limit });
    const memberships = await source.models.memberships.ofUser(user, page);
    const joinedSeqs = new Map(memberships.map(({ circle, joinedSeq }) => [circle, joinedSeq]));
    const since = await streamsSince(source, joinedSeqs);
    for (const view of await viewsOf(source, user, since)) streams.push(view);
    from = memberships.at(-1)?.circle;
    looked += memberships.length;
    if (memberships.length < limit || from === undefined) return { streams };
    const isMuch = streams.length >= limits.unreadPageMin || looked >= limits.unreadCirclesMax;
    if (isMuch) return { streams, next: from };
  }
};
