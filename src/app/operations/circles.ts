import Type from 'typebox';
import * as field from '../fields.ts';
import { check } from '../validation.ts';
import { circleAsking } from './circle-asking.ts';
import type { JoiningCircles } from './circles-joined.ts';
import type { Operation, OperationDeps } from './operation.ts';

const circle = field.Uuid;

const CreateCircle = field.closed({
  id: field.Uuid7,
  name: field.CircleName,
  visibility: field.Visibility,
  about: Type.Optional(field.About),
});
const UpdateCircle = field.closed({
  id: circle,
  name: Type.Optional(field.CircleName),
  visibility: Type.Optional(field.Visibility),
  about: Type.Optional(field.nullable(field.About)),
});
const DeleteCircle = field.closed({ id: circle });

/** What people do with circles. */
export const circleOperations = (deps: OperationDeps, joining: JoiningCircles) => {
  const { ask, withCircle, withNothing } = circleAsking(deps);
  return {
    'create-circle': {
      ...check(CreateCircle),
      creates: true,
      run: async (asking) => {
        const { id, name, visibility, about } = asking.input;
        const { caller, stamp, handed } = asking;
        const described = about === undefined ? {} : { about };
        const command = {
          ...stamp,
          op: 'create-circle',
          id,
          name,
          visibility,
          ...described,
        } as const;
        const outcome = joining(caller, (joined) => ask(id, { ...command, joined }, handed));
        return withCircle(id, caller.user, outcome);
      },
    } satisfies Operation<Type.Static<typeof CreateCircle>>,

    'update-circle': {
      ...check(UpdateCircle),
      run: (asking) => {
        const { id, name, visibility, about } = asking.input;
        const change = {
          ...(name !== undefined && { name }),
          ...(visibility !== undefined && { visibility }),
          ...(about !== undefined && { about }),
        };
        const command = { ...asking.stamp, op: 'update-circle', id, ...change } as const;
        return withCircle(id, asking.caller.user, ask(id, command, asking.handed));
      },
    } satisfies Operation<Type.Static<typeof UpdateCircle>>,

    'delete-circle': {
      ...check(DeleteCircle),
      run: ({ input: { id }, stamp, handed }) =>
        withNothing(ask(id, { ...stamp, op: 'delete-circle', id }, handed)),
    } satisfies Operation<Type.Static<typeof DeleteCircle>>,
  };
};
