import * as Type from 'typebox';
import { defined } from '../../runtime/defined.ts';
import * as field from '../fields.ts';
import { createAsk, withoutBody } from './asking.ts';
import type { JoiningCircles } from './circles-joined.ts';
import { type Operation, type OperationDeps, operation } from './operation.ts';

const NewCircle = {
  id: field.Uuid7,
  name: field.CircleName,
  visibility: field.Visibility,
  about: Type.Optional(field.About),
};
const CircleChange = {
  id: field.Uuid,
  name: Type.Optional(field.CircleName),
  visibility: Type.Optional(field.Visibility),
  about: Type.Optional(field.nullable(field.About)),
};

/** Operations on circles. */
export const circleOperations = (deps: OperationDeps, joining: JoiningCircles) => {
  const ask = createAsk(deps);
  return {
    'create-circle': {
      ...operation('content', NewCircle, (request) => {
        const { caller, input } = request;
        const { id, name, visibility, about } = input;
        const command = { op: 'create-circle', id, name, visibility } as const;
        const outcome = joining(caller, (joined) =>
          ask.circle(request, id, { ...command, ...defined({ about }), joined }),
        );
        return ask.withCircle(id, caller.user, outcome);
      }),
      creates: true,
    } satisfies Operation,

    'update-circle': operation(['name', 'about'], CircleChange, (request) => {
      const { id, name, visibility, about } = request.input;
      const change = defined({ name, visibility, about });
      const outcome = ask.circle(request, id, { op: 'update-circle', id, ...change });
      return ask.withCircle(id, request.caller.user, outcome);
    }),

    'delete-circle': operation('upkeep', { id: field.Uuid }, (request) => {
      const { id } = request.input;
      return withoutBody(ask.circle(request, id, { op: 'delete-circle', id }));
    }),
  };
};
