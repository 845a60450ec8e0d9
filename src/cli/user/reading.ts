import { circleQueries, circles } from '../../projections/models/circles.ts';
import { type MembershipRow, memberships } from '../../projections/models/memberships.ts';
import { type UserRow, users } from '../../projections/models/users.ts';
import { collectionOf } from '../../projections/projection.ts';
import { defined } from '../../runtime/defined.ts';
import { fold } from '../../text/fold.ts';
import { jsonLine } from '../../text/json-line.ts';
import { allRows, type ModelsToRead, withModels } from '../models-to-read.ts';
import { type Column, printRows, printValues, timeText, writeLines } from '../terminal/output.ts';
import { shown } from '../terminal/shown.ts';
import { accountModels, accountNamed, type OpenSession, openSessions } from './accounts.ts';

type Options = { readonly json?: boolean };

/** An account as operators see it. */
type Account = Omit<UserRow, '_id'> & {
  readonly id: string;
  readonly sessions: number;
  readonly lastSeenAt?: number;
};

const accountOf = ({ _id: id, ...row }: UserRow, sessions: readonly OpenSession[]): Account => {
  const last = sessions.reduce((most, { lastSeenAt }) => Math.max(most, lastSeenAt), 0);
  const { username, displayName, avatar, about, registeredAt, suspended } = row;
  const known = defined({ displayName, avatar, about, suspended });
  const seen = last > 0 ? { lastSeenAt: last } : {};
  return { id, username, registeredAt, ...known, sessions: sessions.length, ...seen };
};

const lastSeen = ({ lastSeenAt }: Pick<Account, 'lastSeenAt'>): string =>
  lastSeenAt === undefined ? '' : timeText(lastSeenAt);

const stateText = ({ suspended }: Account): string => {
  if (!suspended) return 'active';
  const { at, reason } = suspended;
  return `suspended ${timeText(at)}${reason === undefined ? '' : `: ${shown(reason)}`}`;
};

const accountTable: readonly Column<Account>[] = [
  { text: 'username', of: ({ username }) => shown(username) },
  { text: 'display name', of: ({ displayName }) => displayName && shown(displayName) },
  { text: 'registered', of: ({ registeredAt }) => timeText(registeredAt) },
  { text: 'last seen', of: lastSeen },
  { text: 'sessions', isNumber: true, of: ({ sessions }) => sessions },
  { text: 'state', of: stateText },
  { text: 'id', of: ({ id }) => id },
];

/** The open sessions of all users, by user. */
const sessionsByUser = async (models: ModelsToRead): Promise<Map<string, OpenSession[]>> => {
  const found = new Map<string, OpenSession[]>();
  for await (const rows of openSessions(models)) {
    for (const row of rows) found.set(row.user, [...(found.get(row.user) ?? []), row]);
  }
  return found;
};

export const list = (
  options: Options & { readonly search?: string; readonly suspended?: boolean },
): Promise<void> =>
  withModels(accountModels, async (models) => {
    const sought = fold(options.search ?? '');
    const isWanted = ({ username, displayName = '', suspended }: UserRow): boolean =>
      (fold(username).includes(sought) || fold(displayName).includes(sought)) &&
      (!options.suspended || suspended !== undefined);
    const sessions = await sessionsByUser(models);
    const found: Account[] = [];
    for await (const rows of allRows<UserRow>(models, users)) {
      const wanted = rows.filter(isWanted);
      found.push(...wanted.map((row) => accountOf(row, sessions.get(row._id) ?? [])));
    }
    const { json } = options;
    await printRows(found, { json, table: accountTable, none: 'no accounts' });
  });

/** The circles and direct conversations that a user is in. */
const circlesOf = async ({ store }: ModelsToRead, user: string) => {
  const rows = (await store.find(
    collectionOf(memberships),
    { user, active: true, kind: { $in: ['circle', 'direct'] } },
    { sort: { circle: 1 } },
  )) as MembershipRow[];
  const found = await circleQueries(store).getMany(rows.map(({ circle }) => circle));
  return rows.flatMap(({ circle: id, joinedAt }) => {
    const circle = found.get(id);
    if (!circle) return [];
    const { kind, name, visibility, owner } = circle;
    return [{ id, kind, name, visibility, owns: owner === user, joinedAt }];
  });
};

type Joined = Awaited<ReturnType<typeof circlesOf>>[number];

const circleTable: readonly Column<Joined>[] = [
  { text: 'circle', of: ({ name }) => shown(name) },
  { text: 'visibility', of: ({ visibility }) => visibility },
  { text: 'role', of: ({ owns }) => (owns ? 'owner' : 'member') },
  { text: 'joined', of: ({ joinedAt }) => timeText(joinedAt) },
  { text: 'id', of: ({ id }) => id },
];

export const show = (named: string, { json }: Options): Promise<void> =>
  withModels([...accountModels, memberships, circles], async (models) => {
    const row = await accountNamed(models, named);
    const sessions: OpenSession[] = [];
    for await (const rows of openSessions(models, row._id)) sessions.push(...rows);
    const account = accountOf(row, sessions);
    const joined = await circlesOf(models, account.id);
    if (json) return writeLines([jsonLine({ ...account, circles: joined })]);
    const own = joined.filter(({ kind }) => kind === 'circle');
    await printValues({
      username: shown(account.username),
      'display name': account.displayName && shown(account.displayName),
      about: account.about && shown(account.about),
      id: account.id,
      state: stateText(account),
      registered: timeText(account.registeredAt),
      'last seen': lastSeen(account) || undefined,
      sessions: account.sessions,
      circles: own.length,
      'direct conversations': joined.length - own.length,
    });
    if (own.length === 0) return;
    await writeLines(['']);
    await printRows(own, { table: circleTable, none: '' });
  });

const sessionTable: readonly Column<OpenSession>[] = [
  { text: 'id', of: ({ id }) => id },
  { text: 'opened', of: ({ createdAt }) => timeText(createdAt) },
  { text: 'last seen', of: lastSeen },
  { text: 'user agent', of: ({ userAgent }) => userAgent && shown(userAgent) },
];

export const sessions = (named: string, { json }: Options): Promise<void> =>
  withModels(accountModels, async (models) => {
    const { _id: user } = await accountNamed(models, named);
    for await (const rows of openSessions(models, user)) {
      await printRows(rows, { json, table: sessionTable, none: 'no open sessions' });
    }
  });
