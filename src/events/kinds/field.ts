import Type from 'typebox';

/**
 * Marks what a person typed or is called. Such fields may one day be sealed with that person's key, so that
 * destroying the key forgets the person while the hash chain stays whole.
 */
export const personal = <T extends Type.TSchema>(schema: T): T =>
  Object.assign(schema, { 'x-personal': true });

/** A lower-case UUID; the edge has checked its version. */
export const Id = Type.String({ minLength: 36, maxLength: 36 });

/** A text of a person's own; the edge has checked its length and form. */
export const Text = personal(Type.String());

/** A time or a duration, in ms. */
export const Milliseconds = Type.Integer({ minimum: 0 });

/** A closed object: an event holds what its schema says and nothing else. */
export const fields = <T extends Type.TProperties>(properties: T) =>
  Type.Object(properties, { additionalProperties: false });
