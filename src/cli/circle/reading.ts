import { type CircleRow, circleQueries, circles } from '../../projections/models/circles.ts';
import { type MembershipRow, memberships } from '../../projections/models/memberships.ts';
import { type StreamRow, streamQueries, streams } from '../../projections/models/streams.ts';
import { userQueries, users } from '../../projections/models/users.ts';
import { collectionOf } from '../../projections/projection.ts';
import { defined } from '../../runtime/defined.ts';
import type { StoreToRead } from '../../store/store.ts';
import { fold } from '../../text/fold.ts';
import { jsonLine } from '../../text/json-line.ts';
import { allRows, withModels } from '../models-to-read.ts';
import { type Column, printRows, printValues, timeText, writeLines } from '../terminal/output.ts';
import { shown } from '../terminal/shown.ts';

type Options = { readonly json?: boolean };

const needed = [circles, streams, memberships, users];

/** The usernames of users, by their ids. */
const usernamesOf = async (store: StoreToRead, ids: readonly string[]) => {
  const found = await userQueries(store).getMany(ids);
  return new Map(found.map(({ id, username }) => [id, username]));
};

type Counted = { readonly streams: number; readonly messages: number };

/** A circle as operators see it; its messages are those that were posted, deleted ones too. */
const viewOf = (
  { _id: id, name, visibility, about, members, createdAt }: CircleRow,
  { owner, counted }: { readonly owner: string | undefined; readonly counted: Counted },
) => ({ id, name, visibility, ...defined({ about, owner }), members, ...counted, createdAt });

type View = ReturnType<typeof viewOf>;

const countedIn = (rows: readonly StreamRow[]): Counted => ({
  streams: rows.length,
  messages: rows.reduce((sum, { last }) => sum + last, 0),
});

const circleTable: readonly Column<View>[] = [
  { text: 'name', of: ({ name }) => shown(name) },
  { text: 'visibility', of: ({ visibility }) => visibility },
  { text: 'owner', of: ({ owner }) => owner && shown(owner) },
  { text: 'members', isNumber: true, of: ({ members }) => members },
  { text: 'streams', isNumber: true, of: ({ streams: count }) => count },
  { text: 'messages', isNumber: true, of: ({ messages }) => messages },
  { text: 'created', of: ({ createdAt }) => timeText(createdAt) },
  { text: 'id', of: ({ id }) => id },
];

/** The views of circles, with one query for all owners and one for all streams. */
const viewsOf = async (store: StoreToRead, rows: readonly CircleRow[]): Promise<View[]> => {
  const usernames = await usernamesOf(
    store,
    rows.flatMap(({ owner }) => owner ?? []),
  );
  const found = await streamQueries(store).ofCircles(rows.map(({ _id }) => _id));
  return rows.map((row) => {
    const owner = row.owner === undefined ? undefined : usernames.get(row.owner);
    const own = found.filter(({ circle }) => circle === row._id);
    return viewOf(row, { owner, counted: countedIn(own) });
  });
};

export const list = ({ search = '', json }: Options & { readonly search?: string }) =>
  withModels(needed, async (models) => {
    const sought = fold(search);
    const found: View[] = [];
    for await (const rows of allRows<CircleRow>(models, circles)) {
      const wanted = rows.filter(
        ({ kind, deleted, name }) => kind === 'circle' && !deleted && fold(name).includes(sought),
      );
      found.push(...(await viewsOf(models.store, wanted)));
    }
    await printRows(found, { json, table: circleTable, none: 'no circles' });
  });

const streamTable: readonly Column<StreamRow>[] = [
  { text: 'stream', of: ({ name }) => shown(name) },
  { text: 'messages', isNumber: true, of: ({ last }) => last },
  { text: 'state', of: ({ archived }) => (archived ? 'archived' : 'open') },
  { text: 'id', of: ({ stream }) => stream },
];

const membersOf = async (store: StoreToRead, circle: string) => {
  const rows = (await store.find(
    collectionOf(memberships),
    { circle, active: true },
    { sort: { user: 1 } },
  )) as MembershipRow[];
  const usernames = await usernamesOf(
    store,
    rows.map(({ user }) => user),
  );
  return rows.map(({ user, nickname, joinedAt }) => ({
    id: user,
    username: usernames.get(user) ?? '',
    ...defined({ nickname }),
    joinedAt,
  }));
};

const memberTable: readonly Column<Awaited<ReturnType<typeof membersOf>>[number]>[] = [
  { text: 'member', of: ({ username }) => shown(username) },
  { text: 'nickname', of: ({ nickname }) => nickname && shown(nickname) },
  { text: 'joined', of: ({ joinedAt }) => timeText(joinedAt) },
  { text: 'id', of: ({ id }) => id },
];

export const show = (id: string, { json }: Options) =>
  withModels(needed, async ({ store }) => {
    const row = await circleQueries(store).get(id);
    if (row?.kind !== 'circle') throw new Error(`there is no circle ${id}, or it was deleted`);
    const [view] = await viewsOf(store, [row]);
    const own = await streamQueries(store).ofCircle(id);
    const members = await membersOf(store, id);
    if (json) {
      const streamsIn = own.map(({ stream, name, last, archived }) => ({
        id: stream,
        name,
        messages: last,
        ...defined({ archived }),
      }));
      return writeLines([jsonLine({ ...view, streams: streamsIn, members })]);
    }
    await printValues({
      name: shown(row.name),
      about: row.about && shown(row.about),
      id,
      visibility: row.visibility,
      owner: view?.owner && shown(view.owner),
      created: timeText(row.createdAt),
      members: row.members,
      streams: view?.streams,
      messages: view?.messages,
    });
    await writeLines(['']);
    await printRows(own, { table: streamTable, none: 'no streams' });
    await writeLines(['']);
    await printRows(members, { table: memberTable, none: 'no members' });
  });
