import { limits } from '../../app/limits/limits.ts';
import { isUuid } from '../../events/ids.ts';
import { nameQueries, names } from '../../projections/models/names.ts';
import { type SessionRow, sessionQueries, sessions } from '../../projections/models/sessions.ts';
import { type UserRow, userQueries, users } from '../../projections/models/users.ts';
import { wallClock } from '../../runtime/clock.ts';
import { sessionUsesIn } from '../../store/state/session-uses.ts';
import { fold } from '../../text/fold.ts';
import { allRows, type ModelsToRead } from '../models-to-read.ts';
import { shown } from '../terminal/shown.ts';

/** The read models of accounts. */
export const accountModels = [users, names, sessions];

/** An open session; `lastSeenAt` is to the minute. */
export type OpenSession = Pick<SessionRow, 'createdAt' | 'userAgent'> & {
  readonly id: string;
  readonly user: string;
  readonly lastSeenAt: number;
};

const withUses = async (
  { store }: ModelsToRead,
  rows: readonly SessionRow[],
): Promise<OpenSession[]> => {
  const uses = await sessionUsesIn(store).getMany(rows.map(({ _id }) => _id));
  const sessions = rows.map(({ _id: id, token: _, ...row }) => ({
    ...row,
    id,
    lastSeenAt: Math.max(row.createdAt, uses.get(id) ?? 0),
  }));
  // Nothing in the log ends a session that is not used any more.
  return sessions.filter(({ lastSeenAt }) => wallClock() - lastSeenAt <= limits.sessionMs);
};

/** The sessions that can still be used, of one user or of all. */
export async function* openSessions(
  models: ModelsToRead,
  user?: string,
): AsyncGenerator<readonly OpenSession[]> {
  if (user !== undefined) {
    yield withUses(models, await sessionQueries(models.store).ofUser(user));
    return;
  }
  for await (const rows of allRows<SessionRow>(models, sessions)) yield withUses(models, rows);
}

/** The account with this username or id. Rejects with one line if there is none. */
export const accountNamed = async ({ store }: ModelsToRead, named: string): Promise<UserRow> => {
  const folded = fold(named);
  const id = isUuid(named) ? named : (await nameQueries(store).holders([folded])).get(folded);
  const row = id === undefined ? undefined : await userQueries(store).row(id);
  if (!row) throw new Error(`there is no account ${shown(named)}`);
  return row;
};
