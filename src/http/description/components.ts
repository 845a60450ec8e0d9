import type * as Type from 'typebox';

/** The schema of an object. */
export type ObjectSchema = {
  readonly properties: Readonly<Record<string, Type.TSchema>>;
  readonly required?: readonly string[];
};

type Json = { readonly [key: string]: unknown };

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null;

/**
 * Collects the schemas with a title, each once, and replaces them by references: `User` becomes `schemas.User`. Two
 * different schemas with one title are a programming error.
 */
export const createComponents = () => {
  const schemas: { [name: string]: unknown } = {};

  const hoisted = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(hoisted);
    if (!isObject(value)) return value;
    // The pattern is for programs: the server validates by rules of its own.
    const { title, 'x-form': form, ...plain } = value;
    const rest = { ...plain, ...(form as Json | undefined) };
    const schema = Object.fromEntries(
      Object.entries(rest).map(([key, part]) => [key, hoisted(part)]),
    );
    if (typeof title !== 'string')
      return simplified({ ...schema, ...('title' in value && { title: hoisted(title) }) });
    const known = JSON.stringify(schemas[title]);
    if (known !== undefined && known !== JSON.stringify(schema)) {
      throw new Error(`two schemas are called ${title}`);
    }
    schemas[title] = schema;
    return { $ref: `#/components/schemas/${title}` };
  };

  return {
    schemas,
    /** A schema as plain JSON, with references to schemas with a title. */
    reference: (schema: object): unknown => hoisted(JSON.parse(JSON.stringify(schema))),
  };
};

export type Components = ReturnType<typeof createComponents>;

/** A union of string literals as an `enum`. */
const simplified = (schema: Json): Json => {
  const { anyOf, ...rest } = schema;
  if (!Array.isArray(anyOf) || !anyOf.every((each) => isObject(each) && 'const' in each)) {
    return schema;
  }
  return { ...rest, type: 'string', enum: anyOf.map((each: Json) => each.const) };
};
