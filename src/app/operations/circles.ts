import Type from 'typebox';
import * as field from '../fields.ts';
import { check } from '../validation.ts';
import { createAsk, withoutBody } from './asking.ts';
import { withCircle } from './circle-answers.ts';
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

/** Operations on circles. */
export const circleOperations = (deps: OperationDeps, joining: JoiningCircles) => {
  const ask = createAsk(deps);
  return {
    'create-circle': {
      ...check(CreateCircle),
      creates: true,
      run: ({ caller, input, stamp, enqueued }) => {
        const { id, name, visibility, about } = input;
        const described = about === undefined ? {} : { about };
        const command = {
          ...stamp,
          op: 'create-circle',
          id,
          name,
          visibility,
          ...described,
        } as const;
        const outcome = joining(caller, (joined) =>
          ask.circle(id, { ...command, joined }, enqueued),
        );
        return withCircle(deps, { circle: id, user: caller.user }, outcome);
      },
    } satisfies Operation<Type.Static<typeof CreateCircle>>,

    'update-circle': {
      ...check(UpdateCircle),
      run: ({ caller, input, stamp, enqueued }) => {
        const { id, name, visibility, about } = input;
        const change = {
          ...(name !== undefined && { name }),
          ...(visibility !== undefined && { visibility }),
          ...(about !== undefined && { about }),
        };
        const command = { ...stamp, op: 'update-circle', id, ...change } as const;
        const outcome = ask.circle(id, command, enqueued);
        return withCircle(deps, { circle: id, user: caller.user }, outcome);
      },
    } satisfies Operation<Type.Static<typeof UpdateCircle>>,

    'delete-circle': {
      ...check(DeleteCircle),
      run: ({ input: { id }, stamp, enqueued }) =>
        withoutBody(ask.circle(id, { ...stamp, op: 'delete-circle', id }, enqueued)),
    } satisfies Operation<Type.Static<typeof DeleteCircle>>,
  };
};
