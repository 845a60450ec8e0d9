import type { CircleRow } from '../../projections/models/circles.ts';
import { type StreamView, streamView } from '../../projections/models/streams.ts';
import type { ReadModels } from '../../projections/read-models.ts';
import { limits } from '../limits.ts';
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
};

/** A circle as it stands in a person's list. */
export type CircleEntry = Pick<CircleView, 'id' | 'kind' | 'name' | 'visibility'>;

export const outsideView = (row: CircleRow): CircleView => ({
  id: row._id,
  kind: row.kind,
  name: row.name,
  ...(row.about !== undefined && { about: row.about }),
  visibility: row.visibility,
  ...(row.owner !== undefined && { owner: row.owner }),
  members: row.members,
});

export const insideView = (row: CircleRow, streams: readonly StreamView[]): CircleView => ({
  ...outsideView(row),
  streams,
  n: row.n,
});

/** A circle as a user may see it; undefined if there is none, or the user may not know of it. */
export const circleFor = async (
  models: ReadModels,
  id: string,
  user: string,
): Promise<CircleView | undefined> => {
  const row = await models.circles.get(id);
  if (!row) return undefined;
  const membership = await models.memberships.get(id, user);
  if (membership?.active) {
    return insideView(row, (await models.streams.ofCircle(id)).map(streamView));
  }
  return row.visibility === 'public' ? outsideView(row) : undefined;
};

export const circleEntry = ({ _id, kind, name, visibility }: CircleRow): CircleEntry => ({
  id: _id,
  kind,
  name,
  visibility,
});

/** All circles that a user is in, in the order of their ids. */
export const circlesOf = async (models: ReadModels, user: string): Promise<CircleEntry[]> => {
  const entries: CircleEntry[] = [];
  let after: string | undefined;
  do {
    const page = { ...(after !== undefined && { after }), limit: limits.pageMax };
    const rows = await models.memberships.ofUser(user, page);
    const circles = await models.circles.getMany(rows.map(({ circle }) => circle));
    for (const { circle } of rows) {
      const row = circles.get(circle);
      if (row) entries.push(circleEntry(row));
    }
    after = rows.length === limits.pageMax ? rows.at(-1)?.circle : undefined;
  } while (after !== undefined);
  return entries;
};

/** A circle as a frame may hold it: without topics, which can be asked for apart, if they are too much. */
export const fittingCircle = (view: CircleView): CircleView => {
  if (!view.streams || sizeOf(view) <= limits.pageBytesMax) return view;
  return { ...view, streams: view.streams.map(({ topic: _, ...stream }) => stream) };
};
