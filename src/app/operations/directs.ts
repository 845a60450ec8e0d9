import type Type from 'typebox';
import { directCircle, type UserId } from '../../events/ids.ts';
import * as field from '../fields.ts';
import { Refused } from '../refusals.ts';
import { check } from '../validation.ts';
import { createAsk } from './asking.ts';
import { withCircle } from './circle-answers.ts';
import type { Operation, OperationDeps } from './operation.ts';

const OpenDirect = field.closed({ user: field.Uuid });

/** Operations on direct conversations. */
export const directOperations = (deps: OperationDeps) => {
  const ask = createAsk(deps);
  const { models, barrier } = deps;
  return {
    'open-direct': {
      ...check(OpenDirect),
      run: async ({ caller, input: { user }, stamp, enqueued }) => {
        if (user === caller.user) {
          throw new Refused('bad-request', { field: 'user', message: 'user is yourself' });
        }
        await barrier.waitForSession(caller.seen);
        if (!(await models.users.get(user))) throw new Refused('not-found');
        const id = directCircle(caller.user, user as UserId);
        const command = { ...stamp, op: 'open-direct', id, user } as const;
        const outcome = ask.circle(id, command, enqueued);
        return withCircle(deps, { circle: id, user: caller.user }, outcome);
      },
    } satisfies Operation<Type.Static<typeof OpenDirect>>,
  };
};
