import type * as Type from 'typebox';
import { type Check, check, valid } from '../app/validation.ts';

const digits = /^\d{1,16}$/;

/**
 * Parses a query by a schema of an object: numbers are written in digits; a repeated or unknown parameter is invalid.
 * Throws `Refused`. Has the schema as a property, for the route's description.
 */
export const queryReader = <T extends Type.TObject>(schema: T) => {
  const form: Check<T> = check(schema);
  const properties = schema.properties as Record<string, { readonly type?: string }>;
  const reader = (query: unknown): Type.Static<T> => {
    const read = Object.entries(query as Record<string, unknown>).map(([name, value]) => {
      const isNumber = properties[name]?.type === 'integer';
      return [name, isNumber && digits.test(String(value)) ? Number(value) : value];
    });
    return valid(form, Object.fromEntries(read));
  };
  return Object.assign(reader, { schema });
};
