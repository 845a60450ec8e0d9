import type { MembershipRow } from '../../projections/models/memberships.ts';
import type { UserView } from '../../projections/models/users.ts';
import type { ReadModels } from '../../projections/read-models.ts';

/** What somebody is called in a circle, where that is another than elsewhere. */
export type MemberNames = { readonly nickname?: string; readonly avatar?: string };

/** Somebody in a circle. */
export type MemberView = { readonly user: UserView; readonly joinedAt: number } & MemberNames;

/** Somebody who stands beside messages of a circle. */
export type PersonView = UserView & { readonly member?: MemberNames };

/** What is needed of a row to show a member. */
type Shown = Pick<MembershipRow, 'user' | 'joinedAt' | 'nickname' | 'avatar'>;

const namesIn = ({ nickname, avatar }: MemberNames): MemberNames => ({
  ...(nickname !== undefined && { nickname }),
  ...(avatar !== undefined && { avatar }),
});

/** Members as others see them, in the same order. */
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

/** The people, each with what they are called in a circle if that is another than elsewhere. */
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

/** What a member has said of themselves, as they alone see it. */
export const ownData = (row: MembershipRow | undefined): object => ({
  ...(row && namesIn(row)),
  ...(row?.data !== undefined && { data: JSON.parse(row.data) }),
});
