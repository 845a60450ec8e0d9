import type Type from 'typebox';
import { directCircle, type UserId } from '../../events/ids.ts';
import * as field from '../fields.ts';
import { Refused } from '../refusals.ts';
import { check } from '../validation.ts';
import { circleAsking } from './circle-asking.ts';
import type { Operation, OperationDeps } from './operation.ts';

const OpenDirect = field.closed({ user: field.Uuid });

/** What people do to talk with one person alone. */
export const directOperations = (deps: OperationDeps) => {
  const { ask, withCircle } = circleAsking(deps);
  const { models, barrier } = deps;
  return {
    'open-direct': {
      ...check(OpenDirect),
      run: async ({ caller, input: { user }, stamp, handed }) => {
        if (user === caller.user) {
          throw new Refused('bad-request', { field: 'user', message: 'user is yourself' });
        }
        await barrier.waitForSession(caller.seen);
        if (!(await models.users.get(user))) throw new Refused('not-found');
        const id = directCircle(caller.user, user as UserId);
        const command = { ...stamp, op: 'open-direct', id, user } as const;
        return withCircle(id, caller.user, ask(id, command, handed));
      },
    } satisfies Operation<Type.Static<typeof OpenDirect>>,
  };
};
