import { directCircle, type UserId } from '../../events/ids.ts';
import * as field from '../fields.ts';
import { Refused } from '../refusals.ts';
import { createAsk } from './asking.ts';
import { type OperationDeps, operation } from './operation.ts';

/** Operations on direct conversations. */
export const directOperations = (deps: OperationDeps) => {
  const ask = createAsk(deps);
  const { models, barrier } = deps;
  return {
    'open-direct': operation('content', { user: field.Uuid }, async (request) => {
      const { caller, input } = request;
      const { user } = input;
      if (user === caller.user) {
        throw new Refused('bad-request', { field: 'user', message: 'user is yourself' });
      }
      await barrier.waitForSession(caller.seen);
      if (!(await models.users.get(user))) throw new Refused('not-found');
      const id = directCircle(caller.user, user as UserId);
      const outcome = ask.circle(request, id, { op: 'open-direct', id, user });
      return ask.withCircle(id, caller.user, outcome);
    }),
  };
};
