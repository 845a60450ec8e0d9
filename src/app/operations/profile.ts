import * as Type from 'typebox';
import { defined } from '../../runtime/defined.ts';
import * as field from '../fields.ts';
import { createAsk } from './asking.ts';
import { type OperationDeps, operation } from './operation.ts';

const ProfileChange = {
  displayName: Type.Optional(field.nullable(field.DisplayName)),
  avatar: Type.Optional(field.nullable(field.Avatar)),
  about: Type.Optional(field.nullable(field.About)),
};

/** Operations on the caller's own profile. */
export const profileOperations = (deps: OperationDeps) => {
  const ask = createAsk(deps);
  return {
    'update-profile': operation(['displayName', 'avatar', 'about'], ProfileChange, (request) => {
      const { displayName, avatar, about } = request.input;
      const change = defined({ displayName, avatar, about });
      return ask.answer(ask.user(request, { op: 'update-profile', ...change }), async () => {
        const user = await deps.models.users.get(request.caller.user);
        return user && { user };
      });
    }),
  };
};
