import type * as Type from 'typebox';
import type { CircleRow } from '../../projections/models/circles.ts';
import { type StreamView, streamView } from '../../projections/models/streams.ts';
import type { UserView } from '../../projections/models/users.ts';
import type { ReadModels } from '../../projections/read-models.ts';
import { defined } from '../../runtime/defined.ts';
import { limits } from '../limits/limits.ts';
import { allPages, type KeysetPage } from '../pages.ts';
import type * as objects from './objects.ts';
import { sizeOf } from './size.ts';

/** A circle as visible to the caller: an outsider sees neither its streams nor its number of events. */
export type CircleView = Type.Static<typeof objects.Circle>;

/** A circle in a user's list. */
export type CircleEntry = Type.Static<typeof objects.CircleEntry>;

type OutsideRow = Omit<CircleRow, 'createdBy' | 'createdAt' | 'n' | 'deleted'>;

export const outsideView = (row: OutsideRow): CircleView => {
  const { _id: id, kind, name, about, visibility, owner, members } = row;
  return { id, kind, name, ...defined({ about }), visibility, ...defined({ owner }), members };
};

/** A circle as seen by its member `user`, cut to fit into a frame. */
export const insideView = async (
  models: ReadModels,
  row: CircleRow,
  { streams, user }: { streams: StreamView[]; user: string },
): Promise<CircleView> => {
  const otherIn = await othersIn(models, [row], user);
  return fittingCircle({
    ...outsideView(row),
    streams,
    n: row.n,
    ...defined({ with: otherIn(row) }),
  });
};

/** Looks up the other users of the direct conversations among the circles; returns a function that gives each. */
const othersIn = async (
  models: ReadModels,
  rows: readonly CircleRow[],
  user: string,
): Promise<(row: CircleRow) => UserView | undefined> => {
  const otherIn = ({ people }: CircleRow) => people?.find((id) => id !== user);
  const ids = rows.flatMap((row) => otherIn(row) ?? []);
  const others = ids.length === 0 ? [] : await models.users.getMany(ids);
  const byId = new Map(others.map((other) => [other.id, other]));
  return (row) => byId.get(otherIn(row) ?? '');
};

/** A circle as visible to a user; undefined if it does not exist or is hidden from them. */
export const circleFor = async (
  models: ReadModels,
  id: string,
  user: string,
): Promise<CircleView | undefined> => {
  const row = await models.circles.get(id);
  if (!row) return undefined;
  const isMember = async () => (await models.memberships.get(id, user))?.active;
  if (await isMember()) {
    const streams = (await models.streams.ofCircle(id)).map(streamView);
    // A user who was removed meanwhile does not see what came after.
    if (await isMember()) return insideView(models, row, { streams, user });
  }
  return row.visibility === 'public' ? outsideView(row) : undefined;
};

/** The existing circles in the given order, as in a user's list. */
export const entriesFor = async (
  models: ReadModels,
  ids: readonly string[],
  user: string,
): Promise<CircleEntry[]> => {
  const rows = await models.circles.getMany(ids);
  const otherIn = await othersIn(models, [...rows.values()], user);
  return ids.flatMap((id) => {
    const row = rows.get(id);
    if (!row) return [];
    const { kind, name, visibility } = row;
    return { id, kind, name, visibility, ...defined({ with: otherIn(row) }) };
  });
};

/** The circles of a user, and whether there are more. */
export type Circles = { readonly circles: readonly CircleEntry[]; readonly more?: true };

/** A user's circles and then direct conversations, each ordered by id, as many as fit into a frame. */
export const circlesOf = async (models: ReadModels, user: string): Promise<Circles> => {
  const circles: CircleEntry[] = [];
  let bytes = 0;
  for (const kind of ['circle', 'direct'] as const) {
    const read = (page: KeysetPage) => models.memberships.ofUser(user, page, kind);
    for await (const rows of allPages(limits.pageMax, read, ({ circle }) => circle)) {
      const ids = rows.map(({ circle }) => circle);
      for (const entry of await entriesFor(models, ids, user)) {
        bytes += sizeOf(entry);
        if (bytes > limits.pageBytesMax) return { circles, more: true };
        circles.push(entry);
      }
    }
  }
  return { circles };
};

/** Omits topics, which can be requested separately, if the circle does not fit into a frame. */
export const fittingCircle = (view: CircleView): CircleView => {
  if (!view.streams || sizeOf(view) <= limits.pageBytesMax) return view;
  return { ...view, streams: view.streams.map(({ topic: _, ...stream }) => stream) };
};
