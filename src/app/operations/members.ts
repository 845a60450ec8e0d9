import Type from 'typebox';
import * as field from '../fields.ts';
import { Refused } from '../refusals.ts';
import { check } from '../validation.ts';
import { ownData } from '../views/members.ts';
import { createAsk, withoutBody } from './asking.ts';
import { withCircle } from './circle-answers.ts';
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

/** Operations on memberships. */
export const memberOperations = (deps: OperationDeps, joining: JoiningCircles) => {
  const ask = createAsk(deps);
  const { models, barrier } = deps;
  return {
    'join-circle': {
      ...check(JoinCircle),
      run: ({ caller, input, stamp, enqueued }) => {
        const { circle: id, invite } = input;
        const invited = invite === undefined ? {} : { invite };
        const command = { ...stamp, op: 'join-circle', circle: id, ...invited } as const;
        const outcome = joining(caller, (joined) =>
          ask.circle(id, { ...command, joined }, enqueued),
        );
        return withCircle(deps, { circle: id, user: caller.user }, outcome);
      },
    } satisfies Operation<Type.Static<typeof JoinCircle>>,

    'leave-circle': {
      ...check(LeaveCircle),
      run: ({ input: { circle: id }, stamp, enqueued }) =>
        withoutBody(ask.circle(id, { ...stamp, op: 'leave-circle', circle: id }, enqueued)),
    } satisfies Operation<Type.Static<typeof LeaveCircle>>,

    'remove-member': {
      ...check(RemoveMember),
      run: async ({ input: { circle: id, user }, stamp, enqueued }) => {
        const known = (await models.memberships.get(id, user)) !== undefined;
        const command = { ...stamp, op: 'remove-member', circle: id, user, known } as const;
        return withoutBody(ask.circle(id, command, enqueued));
      },
    } satisfies Operation<Type.Static<typeof RemoveMember>>,

    'set-member-data': {
      ...check(SetMemberData),
      run: async ({ caller, input, stamp, enqueued }) => {
        const { circle: id, nickname, avatar, data } = input;
        const change = {
          ...(nickname !== undefined && { nickname }),
          ...(avatar !== undefined && { avatar }),
          ...(data !== undefined && { data }),
        };
        const command = { ...stamp, op: 'set-member-data', circle: id, ...change } as const;
        const { position } = await ask.circle(id, command, enqueued);
        await barrier.waitUntilApplied(position);
        const row = await models.memberships.get(id, caller.user);
        if (!row?.active) throw new Refused('not-found');
        return { created: false, body: ownData(row), position };
      },
    } satisfies Operation<Type.Static<typeof SetMemberData>>,
  };
};
