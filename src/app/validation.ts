import type Type from 'typebox';
import { Compile, type Validator } from 'typebox/compile';
import { limits } from './limits/limits.ts';

/** What does not fit, in words for people, and where. */
export type Violation = { readonly field?: string; readonly message: string };

/** Says what does not fit a schema; undefined if all fits. */
export type Check<T extends Type.TSchema> = {
  readonly schema: T;
  readonly violation: (value: unknown) => Violation | undefined;
};

/** How much of the work a long list of errors may take. */
const looksAt = 8;

const firstField = (path: string): string | undefined => path.split('/')[1]?.replaceAll('~1', '/');

/** The name of the field that an error is about: one that is missing, one that is unknown, or one that is wrong. */
const violationOf = (validator: Validator, value: unknown): Violation => {
  const errors = validator.Errors(value).slice(0, looksAt);
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

/** A schema, compiled. */
export const check = <T extends Type.TSchema>(schema: T): Check<T> => {
  const validator = Compile(schema) as Validator;
  return {
    schema,
    violation: (value) => (validator.Check(value) ? undefined : violationOf(validator, value)),
  };
};

/** Whether parsed JSON nests deeper than allowed; the value itself is the first level. */
export const isTooDeep = (value: unknown, levels: number = limits.depthMax): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some((part) => isTooDeep(part, levels - 1)));
