import * as Type from 'typebox';
import { defined } from '../../runtime/defined.ts';
import * as field from '../fields.ts';
import { ownData } from '../views/members.ts';
import { createAsk, withoutBody } from './asking.ts';
import type { JoiningCircles } from './circles-joined.ts';
import { type OperationDeps, operation } from './operation.ts';

const circle = field.Uuid;

const MemberChange = {
  circle,
  nickname: Type.Optional(field.nullable(field.Nickname)),
  avatar: Type.Optional(field.nullable(field.Avatar)),
  data: Type.Optional(field.MemberData),
};

/** Operations on memberships. */
export const memberOperations = (deps: OperationDeps, joining: JoiningCircles) => {
  const ask = createAsk(deps);
  const { models } = deps;
  return {
    'join-circle': operation(
      'content',
      { circle, invite: Type.Optional(field.InviteCode) },
      (request) => {
        const { caller, input } = request;
        const { circle: id, invite } = input;
        const command = { op: 'join-circle', circle: id, ...defined({ invite }) } as const;
        const outcome = joining(caller, (joined) =>
          ask.circle(request, id, { ...command, joined }),
        );
        return ask.withCircle(id, caller.user, outcome);
      },
    ),

    'leave-circle': operation('upkeep', { circle }, (request) => {
      const { circle: id } = request.input;
      return withoutBody(ask.circle(request, id, { op: 'leave-circle', circle: id }));
    }),

    'remove-member': operation('upkeep', { circle, user: field.Uuid }, async (request) => {
      const { circle: id, user } = request.input;
      const known = (await models.memberships.get(id, user)) !== undefined;
      return withoutBody(ask.circle(request, id, { op: 'remove-member', circle: id, user, known }));
    }),

    'set-member-data': operation(['nickname', 'avatar', 'data'], MemberChange, (request) => {
      const { circle: id, nickname, avatar, data } = request.input;
      const change = defined({ nickname, avatar, data });
      const outcome = ask.circle(request, id, { op: 'set-member-data', circle: id, ...change });
      return ask.answer(outcome, async () => {
        const row = await models.memberships.get(id, request.caller.user);
        return row?.active ? ownData(row) : undefined;
      });
    }),
  };
};
