import type * as Type from 'typebox';
import { Compile, type Validator } from 'typebox/compile';
import { lazy } from '../runtime/lazy.ts';
import { limits } from './limits/limits.ts';
import { Refused } from './refusals.ts';

/** Why a value is invalid, in words for users, and in which field. */
export type Violation = { readonly field?: string; readonly message: string };

/** Validates a value; returns undefined if it is valid. */
export type Check<T extends Type.TSchema> = {
  readonly schema: T;
  readonly violation: (value: unknown) => Violation | undefined;
};

/** How many errors are examined. */
const errorsMax = 8;

const firstField = (path: string): string | undefined => path.split('/')[1]?.replaceAll('~1', '/');

/** Describes the first error with a field: one that is missing, unknown or wrong. */
const violationOf = (validator: Validator, value: unknown): Violation => {
  const errors = validator.Errors(value).slice(0, errorsMax);
  for (const { keyword, params, instancePath, message } of errors) {
    const named = params as { requiredProperties?: string[]; additionalProperties?: string[] };
    const field =
      firstField(instancePath) ?? named.requiredProperties?.[0] ?? named.additionalProperties?.[0];
    if (field === undefined) continue;
    if (keyword === 'required') return { field, message: `${field} is missing` };
    if (keyword === 'additionalProperties' || message === 'schema is false') {
      return { field, message: `${field} is not known here` };
    }
    return { field, message: `${field} ${message}` };
  }
  return { message: errors[0]?.message ?? 'must be an object' };
};

/** Compiles a schema, when it is first needed. */
export const check = <T extends Type.TSchema>(schema: T): Check<T> => {
  const validator = lazy(() => Compile(schema) as Validator);
  return {
    schema,
    violation: (value) => (validator().Check(value) ? undefined : violationOf(validator(), value)),
  };
};

/** Returns a value that is valid; throws `Refused` with the violation otherwise. */
export const valid = <T extends Type.TSchema>(form: Check<T>, value: unknown): Type.Static<T> => {
  const violation = form.violation(value);
  if (violation) throw new Refused('bad-request', violation);
  return value as Type.Static<T>;
};

/** Whether parsed JSON nests deeper than allowed; the value itself is level one. */
export const isTooDeep = (value: unknown, levels: number = limits.depthMax): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some((part) => isTooDeep(part, levels - 1)));
