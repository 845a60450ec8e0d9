import type { CircleRow } from '../../projections/models/circles.ts';
import { type StreamView, streamView } from '../../projections/models/streams.ts';
import type { UserView } from '../../projections/models/users.ts';
import type { ReadModels } from '../../projections/read-models.ts';
import { limits } from '../limits/limits.ts';
import { allPages, type KeysetPage } from '../pages.ts';
import { sizeOf } from './size.ts';

/** A circle as who asks may see it: an outsider sees neither its streams nor how far it has come. */
export type CircleView = {
  readonly id: string;
  readonly kind: 'circle' | 'direct';
  readonly name: string;
  readonly about?: string;
  readonly visibility: 'public' | 'private';
  readonly owner?: string;
  readonly members: number;
  readonly streams?: readonly StreamView[];
  readonly n?: number;
  /** The other person of a direct conversation. */
  readonly with?: UserView;
};

/** A circle as it stands in a person's list. */
export type CircleEntry = Pick<CircleView, 'id' | 'kind' | 'name' | 'visibility' | 'with'>;

export const outsideView = (row: CircleRow): CircleView => ({
  id: row._id,
  kind: row.kind,
  name: row.name,
  ...(row.about !== undefined && { about: row.about }),
  visibility: row.visibility,
  ...(row.owner !== undefined && { owner: row.owner }),
  members: row.members,
});

/** A circle as `user` sees it, who is in it, and as a frame may hold it. */
export const insideView = async (
  models: ReadModels,
  row: CircleRow,
  { streams, user }: { streams: readonly StreamView[]; user: string },
): Promise<CircleView> => {
  const other = (await othersIn(models, [row], user)).get(row._id);
  return fittingCircle({ ...outsideView(row), streams, n: row.n, ...(other && { with: other }) });
};

/** Whom a user talks with in those of the circles that are direct conversations, by the circles' ids. */
const othersIn = async (
  models: ReadModels,
  rows: readonly CircleRow[],
  user: string,
): Promise<Map<string, UserView>> => {
  const ids = rows.flatMap(({ _id, people }) => {
    const other = people?.find((id) => id !== user);
    return other === undefined ? [] : [[_id, other] as const];
  });
  if (ids.length === 0) return new Map();
  const others = await models.users.getMany(ids.map(([, other]) => other));
  const byId = new Map(others.map((other) => [other.id, other]));
  return new Map(
    ids.flatMap(([circle, id]) => {
      const other = byId.get(id);
      return other ? [[circle, other]] : [];
    }),
  );
};

/** A circle as a user may see it; undefined if there is none, or the user may not know of it. */
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
    // Whoever was removed meanwhile is not shown what came after.
    if (await isMember()) return insideView(models, row, { streams, user });
  }
  return row.visibility === 'public' ? outsideView(row) : undefined;
};

/** Those of the circles that exist, in the same order, as they stand in a user's list. */
export const entriesFor = async (
  models: ReadModels,
  ids: readonly string[],
  user: string,
): Promise<CircleEntry[]> => {
  const rows = await models.circles.getMany(ids);
  const others = await othersIn(models, [...rows.values()], user);
  return ids.flatMap((id) => {
    const row = rows.get(id);
    if (!row) return [];
    const { kind, name, visibility } = row;
    const other = others.get(id);
    return { id, kind, name, visibility, ...(other && { with: other }) };
  });
};

/** Circles that a user is in, and whether there are more. */
export type Circles = { readonly circles: readonly CircleEntry[]; readonly more?: true };

/**
 * The circles that a user is in and then the direct conversations, each in the order of their ids; as many as a
 * frame may hold.
 */
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

/** A circle as a frame may hold it: without topics, which can be asked for apart, if they are too much. */
export const fittingCircle = (view: CircleView): CircleView => {
  if (!view.streams || sizeOf(view) <= limits.pageBytesMax) return view;
  return { ...view, streams: view.streams.map(({ topic: _, ...stream }) => stream) };
};
