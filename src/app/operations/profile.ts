import Type from 'typebox';
import * as field from '../fields.ts';
import { Refused } from '../refusals.ts';
import { check } from '../validation.ts';
import { done, type Operation, type OperationDeps } from './operation.ts';

const UpdateProfile = field.closed({
  displayName: Type.Optional(field.nullable(field.DisplayName)),
  avatar: Type.Optional(field.nullable(field.Avatar)),
  about: Type.Optional(field.nullable(field.About)),
});

/** What people do with what they say of themselves. */
export const profileOperations = ({ actors, models, barrier, partitionOf }: OperationDeps) => ({
  'update-profile': {
    ...check(UpdateProfile),
    run: async ({ caller: { user }, input, stamp, handed }) => {
      const { displayName, avatar, about } = input;
      const change = {
        ...(displayName !== undefined && { displayName }),
        ...(avatar !== undefined && { avatar }),
        ...(about !== undefined && { about }),
      };
      const outcome = actors.askUser(user, { ...stamp, op: 'update-profile', ...change });
      handed();
      const { seq } = await done(outcome);
      const position = { partition: partitionOf(user), seq };
      await barrier.waitUntilApplied(position);
      const view = await models.users.get(user);
      if (!view) throw new Refused('not-found');
      return { created: false, body: { user: view }, position };
    },
  } satisfies Operation<Type.Static<typeof UpdateProfile>>,
});
