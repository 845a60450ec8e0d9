import Type from 'typebox';
import { expect, test } from 'vitest';
import { createComponents } from '../../../../src/http/description/components.ts';
import { formText } from '../../../../src/http/description/form-text.ts';

const Tea = Type.Object(
  { leaves: Type.Integer(), topic: Type.Optional(Type.Union([Type.String(), Type.Null()])) },
  { title: 'Tea' },
);

test('what has a title is written once and referred to, wherever it stands', () => {
  const { reference, schemas } = createComponents();
  const ref = { $ref: '#/components/schemas/Tea' };
  expect(reference(Type.Array(Tea))).toEqual({ type: 'array', items: ref });
  expect(reference(Type.Object({ tea: Type.Optional(Tea) }))).toMatchObject({
    properties: { tea: ref },
  });
  expect(schemas).toMatchObject({ Tea: { type: 'object', required: ['leaves'] } });
  expect(schemas).not.toHaveProperty('Tea.title');
});

test('a field may be called title; two schemas may not have one title', () => {
  const { reference } = createComponents();
  expect(reference(Type.Object({ title: Type.String() }))).toMatchObject({
    properties: { title: { type: 'string' } },
  });
  reference(Tea);
  expect(() => reference(Type.Object({}, { title: 'Tea' }))).toThrow('two schemas are called Tea');
});

test('a choice of texts is an enum', () => {
  const choice = Type.Union([Type.Literal('a'), Type.Literal('b')]);
  expect(createComponents().reference(choice)).toEqual({ type: 'string', enum: ['a', 'b'] });
});

test('a form is written as people read it', () => {
  expect(formText(Tea)).toBe('Tea');
  expect(formText(Tea, true)).toBe('{ leaves: integer, topic?: string | null }');
  expect(formText(Type.Array(Tea))).toBe('[Tea]');
  expect(formText(Type.Object({ t: Type.Literal('x'), d: Type.Unknown() }))).toBe(
    '{ t: "x", d: JSON }',
  );
  expect(formText(Type.Record(Type.String(), Type.Integer()))).toBe('{ [key]: integer }');
});
