import * as Type from 'typebox';

/** What a field means, where its name does not tell; published in docs/events.md and in /asyncapi.json. */
export type Meaning = { readonly description?: string };

/**
 * Marks what a user typed or is called. Such fields may one day be encrypted with that user's key, so that destroying
 * the key erases the data while the hash chain stays intact.
 */
export const personal = <T extends Type.TSchema>(schema: T): T =>
  Object.assign(schema, { 'x-personal': true });

/** A lower-case UUID; its version is checked where commands enter. */
export const id = (meaning: Meaning = {}) =>
  Type.String({ minLength: 36, maxLength: 36, ...meaning });
export const Id = id();

/** A text of a user; its length and form are checked where commands enter. */
export const text = (meaning: Meaning = {}) => personal(Type.String({ ...meaning }));
export const Text = text();

/** A text of a user, or null for one that was removed. */
export const textOrNull = (meaning: Meaning = {}) =>
  Type.Union([Text, Type.Null()], { ...meaning });

/** A time or a duration, in ms. */
export const milliseconds = (meaning: Meaning = {}) => Type.Integer({ minimum: 0, ...meaning });

type Properties = Type.TProperties;

/**
 * The fields of an event by their audience: `shown` is sent to all subscribers of its event stream, `managers` to
 * subscribers who may manage the circle, `log` to no client. Every field has one, so that none is sent by oversight.
 */
export type FieldsBy<S extends Properties, M extends Properties, L extends Properties> = {
  readonly shown?: S;
  readonly managers?: M;
  readonly log?: L;
};

type None = Record<never, Type.TSchema>;

/** A closed object: an event has the fields of its schema and no others. */
export const fields = <
  S extends Properties = None,
  M extends Properties = None,
  L extends Properties = None,
>(
  { shown, managers, log }: FieldsBy<S, M, L>,
  meaning: Meaning = {},
) =>
  Type.Object({ ...shown, ...managers, ...log } as S & M & L, {
    additionalProperties: false,
    ...meaning,
    'x-shown': Object.keys(shown ?? {}),
    'x-managers': Object.keys(managers ?? {}),
  });
