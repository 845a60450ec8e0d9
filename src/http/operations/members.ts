import Type from 'typebox';
import * as field from '../fields.ts';
import { limits } from '../limits.ts';
import { check } from '../validation.ts';
import { circleAsking } from './circle-asking.ts';
import type { Operation, OperationDeps } from './operation.ts';

const circle = field.Uuid;

const JoinCircle = field.closed({ circle, invite: Type.Optional(field.InviteCode) });
const LeaveCircle = field.closed({ circle });
const RemoveMember = field.closed({ circle, user: field.Uuid });

/** What people do with memberships of circles. */
export const memberOperations = (deps: OperationDeps) => {
  const { ask, withCircle, withNothing } = circleAsking(deps);
  const { models } = deps;
  return {
    'join-circle': {
      ...check(JoinCircle),
      run: async (asking) => {
        const { circle: id, invite } = asking.input;
        const joined = await models.memberships.count(asking.caller.user, 2 * limits.pageMax);
        const invited = invite === undefined ? {} : { invite };
        const command = {
          ...asking.stamp,
          op: 'join-circle',
          circle: id,
          ...invited,
          joined,
        } as const;
        return withCircle(id, asking.caller.user, ask(id, command, asking.handed));
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
  };
};
