import type * as Type from 'typebox';
import { appliedField } from './store.ts';
import { timeKeyword } from './times.ts';

/** A schema in the subset of JSON Schema (draft 4, with `bsonType`) that MongoDB's `$jsonSchema` knows. */
export type MongoSchema = { readonly [keyword: string]: unknown };

/**
 * The schema of a collection for `$jsonSchema`, with the fields that every document has in addition. What MongoDB
 * cannot check is left out, so the result accepts whatever the schema accepts.
 */
export const mongoSchemaOf = (schema: Type.TSchema): MongoSchema => {
  const { properties, ...converted } = convert(schema);
  return {
    ...converted,
    properties: {
      ...(properties as MongoSchema | undefined),
      _id: { bsonType: 'string' },
      [appliedField]: { bsonType: 'object' },
    },
  };
};

/** The translation of each keyword; keywords that are not listed are left out. */
const keywords: { readonly [keyword: string]: (value: unknown) => MongoSchema } = {
  type: (value) => typeOf(value),
  const: (value) => ({ enum: [value] }),
  enum: (value) => (isFilled(value) ? { enum: value } : {}),
  pattern: (value) => (isPortable(value) ? { pattern: value } : {}),
  minLength: (minLength) => ({ minLength }),
  maxLength: (maxLength) => ({ maxLength }),
  minimum: (minimum) => ({ minimum }),
  maximum: (maximum) => ({ maximum }),
  exclusiveMinimum: (minimum) => ({ minimum, exclusiveMinimum: true }),
  exclusiveMaximum: (maximum) => ({ maximum, exclusiveMaximum: true }),
  multipleOf: (multipleOf) => ({ multipleOf }),
  minItems: (minItems) => ({ minItems }),
  maxItems: (maxItems) => ({ maxItems }),
  uniqueItems: (uniqueItems) => ({ uniqueItems }),
  minProperties: (minProperties) => ({ minProperties }),
  maxProperties: (maxProperties) => ({ maxProperties }),
  required: (value) => (isFilled(value) ? { required: value } : {}),
  items: (value) => ({ items: Array.isArray(value) ? value.map(convert) : convert(value) }),
  properties: (value) => ({ properties: convertEach(value) }),
  patternProperties: (value) =>
    Object.keys(Object(value)).every(isPortable) ? { patternProperties: convertEach(value) } : {},
  additionalProperties: (value) => ({ additionalProperties: convert(value) }),
  anyOf: (value) => ({ anyOf: convertAll(value) }),
  allOf: (value) => ({ allOf: convertAll(value) }),
};

const convert = (schema: unknown): MongoSchema => {
  if (typeof schema !== 'object' || schema === null) return schema as MongoSchema;
  if (timeKeyword in schema) return date;
  const converted: Record<string, unknown> = {};
  for (const [keyword, value] of Object.entries(schema)) {
    const given = Object.hasOwn(keywords, keyword) ? keywords[keyword]?.(value) : undefined;
    Object.assign(converted, given);
  }
  return converted;
};

const convertAll = (schemas: unknown): MongoSchema[] =>
  Array.isArray(schemas) ? schemas.map(convert) : [];

const convertEach = (schemas: unknown): MongoSchema =>
  Object.fromEntries(
    Object.entries(Object(schemas)).map(([name, schema]) => [name, convert(schema)]),
  );

const date: MongoSchema = { bsonType: 'date' };

/** The driver stores an integer as one of three types, by its size. */
const integer: MongoSchema = { bsonType: ['int', 'long', 'double'], multipleOf: 1 };

const bsonTypes: { readonly [type: string]: string } = {
  string: 'string',
  number: 'number',
  boolean: 'bool',
  null: 'null',
  object: 'object',
  array: 'array',
};

const typeOf = (type: unknown): MongoSchema => {
  if (type === 'integer') return integer;
  if (Array.isArray(type)) return { anyOf: type.map(typeOf) };
  return typeof type === 'string' && bsonTypes[type] ? { bsonType: bsonTypes[type] } : {};
};

const isFilled = (value: unknown): boolean => Array.isArray(value) && value.length > 0;

/** MongoDB's regular expressions have no `\u` escapes. */
const isPortable = (pattern: unknown): boolean =>
  typeof pattern === 'string' && !pattern.includes('\\u');
