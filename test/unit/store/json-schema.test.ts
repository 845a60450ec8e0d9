import Type from 'typebox';
import { expect, test } from 'vitest';
import { mongoSchemaOf } from '../../../src/store/json-schema.ts';
import { Time, withNumbers } from '../../../src/store/times.ts';

const besides = { _id: { bsonType: 'string' }, _applied: { bsonType: 'object' } };

test('a schema becomes one that MongoDB can check, with the fields that every document has', () => {
  const schema = Type.Object(
    {
      s: Type.String({ minLength: 1, maxLength: 9, pattern: '^[a-z]+$', description: 'a name' }),
      m: Type.Integer({ minimum: 1, exclusiveMaximum: 5 }),
      ratio: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
      flag: Type.Optional(Type.Boolean()),
      by: Type.Optional(Type.Union([Type.String(), Type.Null()])),
      words: Type.Array(Type.String(), { maxItems: 3, uniqueItems: true }),
      kind: Type.Literal('k'),
      map: Type.Optional(Type.Record(Type.String({ pattern: '^a' }), Type.Integer())),
      deep: Type.Optional(Type.Object({ at: Type.Integer() }, { additionalProperties: false })),
    },
    { additionalProperties: false, title: 'left out', $id: 'left out' },
  );
  const integer = { bsonType: ['int', 'long', 'double'], multipleOf: 1 };
  expect(mongoSchemaOf(schema)).toEqual({
    bsonType: 'object',
    required: ['s', 'm', 'words', 'kind'],
    additionalProperties: false,
    properties: {
      s: { bsonType: 'string', minLength: 1, maxLength: 9, pattern: '^[a-z]+$' },
      m: { ...integer, minimum: 1, maximum: 5, exclusiveMaximum: true },
      ratio: { bsonType: 'number', minimum: 0, exclusiveMinimum: true },
      flag: { bsonType: 'bool' },
      by: { anyOf: [{ bsonType: 'string' }, { bsonType: 'null' }] },
      words: { bsonType: 'array', items: { bsonType: 'string' }, maxItems: 3, uniqueItems: true },
      kind: { bsonType: 'string', enum: ['k'] },
      map: { bsonType: 'object', patternProperties: { '^a': integer } },
      deep: {
        bsonType: 'object',
        properties: { at: integer },
        required: ['at'],
        additionalProperties: false,
      },
      ...besides,
    },
  });
});

test('what MongoDB cannot check is left out: it accepts more, never less', () => {
  const schema = {
    type: ['object', 'null'],
    required: [],
    properties: {
      ref: { $ref: '#/definitions/x' },
      format: { type: 'string', format: 'uuid', default: '', pattern: '^\\u0041$' },
      tuple: { type: 'array', items: [{ type: 'string' }, { type: 'integer' }] },
      either: { oneOf: [{ type: 'string' }], not: { type: 'integer' }, if: {} },
    },
    definitions: { x: {} },
  };
  expect(mongoSchemaOf(schema)).toEqual({
    anyOf: [{ bsonType: 'object' }, { bsonType: 'null' }],
    properties: {
      ref: {},
      format: { bsonType: 'string' },
      tuple: {
        bsonType: 'array',
        items: [{ bsonType: 'string' }, { bsonType: ['int', 'long', 'double'], multipleOf: 1 }],
      },
      either: {},
      ...besides,
    },
  });
});

test('a time is a date, and an integer where it is stored as a number', () => {
  const of = (time: Type.TSchema) =>
    Type.Object({ at: time, edited: Type.Optional(Type.Object({ at: time })), n: Type.Integer() });
  const integer = { bsonType: ['int', 'long', 'double'], multipleOf: 1 };
  expect(mongoSchemaOf(of(Time))).toMatchObject({
    properties: {
      at: { bsonType: 'date' },
      edited: { properties: { at: { bsonType: 'date' } }, required: ['at'] },
      n: integer,
    },
  });
  expect(mongoSchemaOf(withNumbers(of(Time)))).toEqual(mongoSchemaOf(of(Type.Integer())));
});
