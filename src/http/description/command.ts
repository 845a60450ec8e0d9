import type Type from 'typebox';
import * as field from '../../app/fields.ts';
import type { Executor, OperationName } from '../../app/operations/executor.ts';
import { defined } from '../../runtime/defined.ts';
import { descriptions } from './operations.ts';
import type { RouteDescription } from './route.ts';

const statuses = { never: [200], sometimes: [200, 201], always: [201] } as const;

const bodyOf = (
  { properties }: Type.TObject,
  named: readonly string[],
): Type.TSchema | undefined => {
  const given = Object.entries(properties).filter(([name]) => !named.includes(name));
  return given.length > 0 ? field.closed(Object.fromEntries(given)) : undefined;
};

/** The HTTP route of a command: the fields set by its path, and the field of each parameter. */
export type CommandRoute = {
  readonly method: string;
  readonly op: OperationName;
  readonly named: readonly string[];
  readonly fieldOf: (param: string) => string;
};

/** The description of a command's route: its body has the fields that the path does not set. */
export const commandDescription = (
  executor: Executor,
  { method, op, named, fieldOf }: CommandRoute,
): RouteDescription => {
  const { summary, tag, answer, refuses = [], isNew = 'never' } = descriptions[op];
  const schema = executor.schemaOf(op);
  const body = bodyOf(schema, named);
  const given = answer !== undefined || method === 'PUT' ? statuses[isNew] : [204];
  return {
    id: op,
    summary,
    tag,
    refuses,
    param: (name) => schema.properties[fieldOf(name)],
    ...defined({ body }),
    answers: Object.fromEntries(given.map((status) => [status, answer])),
    ...(executor.isKeyed(op) && { isKeyed: true }),
  };
};
