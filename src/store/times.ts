import * as Type from 'typebox';

/** The keyword by which a schema says that a value is a time. */
export const timeKeyword = 'x-time';

/**
 * The schema of a time in ms since 1970. A store that has dates stores it as one; a reader gets the number. A time is
 * a field of a document, of an object in it, or an element of a list.
 */
export const Time = Type.Integer({ [timeKeyword]: true });

/** The same schema, with times that are stored as numbers. */
export const withNumbers = (schema: Type.TSchema): Type.TSchema =>
  JSON.parse(JSON.stringify(schema, (key, value) => (key === timeKeyword ? undefined : value)));
