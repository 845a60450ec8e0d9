import Type from 'typebox';
import * as field from '../fields.ts';
import { Refused } from '../refusals.ts';
import { check } from '../validation.ts';
import { ownData } from '../views/members.ts';
import { circleAsking } from './circle-asking.ts';
import type { JoiningCircles } from './circles-joined.ts';
import type { Operation, OperationDeps } from './operation.ts';

const circle = field.Uuid;

const JoinCircle = field.closed({ circle, invite: Type.Optional(field.InviteCode) });
const LeaveCircle = field.closed({ circle });
const RemoveMember = field.closed({ circle, user: field.Uuid });

const SetMemberData = field.closed({
  circle,
  nickname: Type.Optional(field.nullable(field.Nickname)),
  avatar: Type.Optional(field.nullable(field.Avatar)),
  data: Type.Optional(field.MemberData),
});

/** What people do with memberships of circles. */
export const memberOperations = (deps: OperationDeps, joining: JoiningCircles) => {
  const { ask, withCircle, withNothing, positionIn } = circleAsking(deps);
  const { models, barrier } = deps;
  return {
    'join-circle': {
      ...check(JoinCircle),
      run: async (asking) => {
        const { circle: id, invite } = asking.input;
        const { caller, stamp, handed } = asking;
        const invited = invite === undefined ? {} : { invite };
        const command = { ...stamp, op: 'join-circle', circle: id, ...invited } as const;
        const outcome = joining({ caller, circle: id }, (joined) =>
          ask(id, { ...command, joined }, handed),
        );
        return withCircle(id, caller.user, outcome);
      },
    } satisfies Operation<Type.Static<typeof JoinCircle>>,

    'leave-circle': {
      ...check(LeaveCircle),
      run: ({ input: { circle: id }, stamp, handed }) =>
        withNothing(id, ask(id, { ...stamp, op: 'leave-circle', circle: id }, handed)),
    } satisfies Operation<Type.Static<typeof LeaveCircle>>,

    'remove-member': {
      ...check(RemoveMember),
      run: async ({ input: { circle: id, user }, stamp, handed }) => {
        const known = (await models.memberships.get(id, user)) !== undefined;
        const command = { ...stamp, op: 'remove-member', circle: id, user, known } as const;
        return withNothing(id, ask(id, command, handed));
      },
    } satisfies Operation<Type.Static<typeof RemoveMember>>,

    'set-member-data': {
      ...check(SetMemberData),
      run: async ({ caller, input, stamp, handed }) => {
        const { circle: id, nickname, avatar, data } = input;
        const change = {
          ...(nickname !== undefined && { nickname }),
          ...(avatar !== undefined && { avatar }),
          ...(data !== undefined && { data }),
        };
        const command = { ...stamp, op: 'set-member-data', circle: id, ...change } as const;
        const position = positionIn(id, await ask(id, command, handed));
        await barrier.waitUntilApplied(position);
        const row = await models.memberships.get(id, caller.user);
        if (!row?.active) throw new Refused('not-found');
        return { created: false, body: ownData(row), position };
      },
    } satisfies Operation<Type.Static<typeof SetMemberData>>,
  };
};
