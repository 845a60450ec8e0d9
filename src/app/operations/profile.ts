import Type from 'typebox';
import * as field from '../fields.ts';
import { Refused } from '../refusals.ts';
import { check } from '../validation.ts';
import { createAsk } from './asking.ts';
import type { Operation, OperationDeps } from './operation.ts';

const UpdateProfile = field.closed({
  displayName: Type.Optional(field.nullable(field.DisplayName)),
  avatar: Type.Optional(field.nullable(field.Avatar)),
  about: Type.Optional(field.nullable(field.About)),
});

/** Operations on the caller's own profile. */
export const profileOperations = (deps: OperationDeps) => {
  const { models, barrier } = deps;
  const ask = createAsk(deps);
  return {
    'update-profile': {
      ...check(UpdateProfile),
      run: async ({ caller: { user }, input, stamp, enqueued }) => {
        const { displayName, avatar, about } = input;
        const change = {
          ...(displayName !== undefined && { displayName }),
          ...(avatar !== undefined && { avatar }),
          ...(about !== undefined && { about }),
        };
        const command = { ...stamp, op: 'update-profile', ...change } as const;
        const { position } = await ask.user(user, command, enqueued);
        await barrier.waitUntilApplied(position);
        const view = await models.users.get(user);
        if (!view) throw new Refused('not-found');
        return { created: false, body: { user: view }, position };
      },
    } satisfies Operation<Type.Static<typeof UpdateProfile>>,
  };
};
