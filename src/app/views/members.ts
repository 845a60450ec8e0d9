import type { MembershipRow } from '../../projections/models/memberships.ts';
import type { UserView } from '../../projections/models/users.ts';
import type { ReadModels } from '../../projections/read-models.ts';
import { defined } from '../../runtime/defined.ts';

/** A user's names in a circle, where they differ. */
export type MemberNames = { readonly nickname?: string; readonly avatar?: string };

/** A member of a circle. */
export type MemberView = { readonly user: UserView; readonly joinedAt: number } & MemberNames;

/** A user who appears in messages of a circle. */
export type PersonView = UserView & { readonly member?: MemberNames };

/** The fields of a row that a member view needs. */
type Shown = Pick<MembershipRow, 'user' | 'joinedAt' | 'nickname' | 'avatar'>;

const namesIn = ({ nickname, avatar }: MemberNames): MemberNames => defined({ nickname, avatar });

/** Members as seen by others, in the same order. */
export const memberViews = async (
  models: ReadModels,
  rows: readonly Shown[],
): Promise<MemberView[]> => {
  const people = await models.users.getMany(rows.map(({ user }) => user));
  const byId = new Map(people.map((user) => [user.id, user]));
  return rows.flatMap((row) => {
    const user = byId.get(row.user);
    return user ? { user, joinedAt: row.joinedAt, ...namesIn(row) } : [];
  });
};

/** Adds to each user the names in a circle that differ. */
export const asMembers = async (
  models: ReadModels,
  circle: string,
  people: readonly UserView[],
): Promise<PersonView[]> => {
  const ids = people.map(({ id }) => id);
  const rows = await models.memberships.getMany(circle, ids);
  const names = new Map(rows.map((row) => [row.user, namesIn(row)]));
  return people.map((person) => {
    const member = names.get(person.id);
    return member && Object.keys(member).length > 0 ? { ...person, member } : person;
  });
};

/** A member's own data in a circle, visible to them alone. */
export const ownData = (row: MembershipRow | undefined): object => ({
  ...(row && namesIn(row)),
  ...(row?.data !== undefined && { data: JSON.parse(row.data) }),
});
