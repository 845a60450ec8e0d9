import type { MongoSchema } from '../../../store/json-schema.ts';
import type { Filter } from '../../../store/store.ts';

/** Where the times of a value are: it is one, or some of its fields have some. Those of a list are in its elements. */
type Times = 'here' | ReadonlyMap<string, Times>;

type Fields = { readonly [field: string]: unknown };

/** The stored form of the documents of one collection: its times are dates. */
export type Codec = {
  /** A document, or some of its fields, as stored. */
  encode<T extends Fields>(fields: T): T;
  /** A stored document as the application sees it. A time that is stored as a number is read as well. */
  decode<T extends Fields>(stored: T): T;
  /** A filter on stored documents. */
  filter(filter: Filter): Filter;
};

const asItIs: Codec = {
  encode: (fields) => fields,
  decode: (stored) => stored,
  filter: (filter) => filter,
};

/** The codec of a collection whose documents have this schema. Without times in it, nothing is converted. */
export const codecOf = (schema: MongoSchema | undefined): Codec => {
  const times = schema && timesIn(schema);
  if (times === undefined || times === 'here') return asItIs;
  return {
    encode: (fields) => convert(fields, times, toDate) as typeof fields,
    decode: (stored) => convert(stored, times, toNumber) as typeof stored,
    filter: (filter) =>
      Object.fromEntries(
        Object.entries(filter).map(([path, condition]) =>
          isTime(times, path) ? [path, conditionOf(condition)] : [path, condition],
        ),
      ),
  };
};

const timesIn = ({ bsonType, properties, items }: MongoSchema): Times | undefined => {
  if (bsonType === 'date') return 'here';
  if (items !== undefined) return timesIn(items as MongoSchema);
  const fields = new Map<string, Times>();
  for (const [field, schema] of Object.entries(Object(properties) as MongoSchema)) {
    const times = timesIn(schema as MongoSchema);
    if (times !== undefined) fields.set(field, times);
  }
  return fields.size > 0 ? fields : undefined;
};

/** Whether a path of a filter, such as `edited.at`, is that of a time. */
const isTime = (times: Times, path: string): boolean => {
  let at: Times | undefined = times;
  for (const field of path.split('.')) at = at instanceof Map ? at.get(field) : undefined;
  return at === 'here';
};

type Leaf = (value: unknown) => unknown;

/** A copy of the value, converted where it has times. */
const convert = (value: unknown, times: Times, leaf: Leaf): unknown => {
  if (Array.isArray(value)) return value.map((element) => convert(element, times, leaf));
  if (times === 'here') return leaf(value);
  if (typeof value !== 'object' || value === null) return value;
  const converted: Record<string, unknown> = { ...value };
  for (const [field, within] of times) {
    if (Object.hasOwn(converted, field)) converted[field] = convert(converted[field], within, leaf);
  }
  return converted;
};

/** A value, or the values of operators. */
const conditionOf = (condition: unknown): unknown => {
  if (Array.isArray(condition)) return condition.map(conditionOf);
  if (typeof condition !== 'object' || condition === null) return toDate(condition);
  return Object.fromEntries(
    Object.entries(condition).map(([operator, value]) => [operator, conditionOf(value)]),
  );
};

/**
 * The end of the year 9999, the last that MongoDB writes as text. It stands for all that is later: models say `never`
 * by `Number.MAX_SAFE_INTEGER`, which no date can express.
 */
const lastMs = 253_402_300_799_999;

const toDate: Leaf = (value) =>
  typeof value === 'number' ? new Date(Math.min(value, lastMs)) : value;

const toNumber: Leaf = (value) => {
  if (!(value instanceof Date)) return value;
  const ms = value.getTime();
  return ms === lastMs ? Number.MAX_SAFE_INTEGER : ms;
};
