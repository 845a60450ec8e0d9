import type { Index } from './documents.ts';
import { type Filter, NoIndex, type Sort } from './store.ts';

/** A value that an index can find. */
export type Scalar = string | number | boolean | null;

/** The ends of a range, each inclusive or exclusive. */
export type Range = Partial<Record<'$gt' | '$gte' | '$lt' | '$lte', Scalar>>;

/** How a query is executed: which ranges of which index are read, in which direction. */
export type IndexChoice = {
  readonly index: Index;
  /** The values of the index's first fields, one list per range; `$in` gives more than one. */
  readonly points: readonly (readonly Scalar[])[];
  /** Within each point, the range of the next field. */
  readonly range?: Range;
  /** The fields by which each range must be ordered; empty if any order will do. */
  readonly order: readonly string[];
  /** Whether the index is read in reverse. */
  readonly reverse: boolean;
};

export type IndexQuestion = {
  readonly collection: string;
  readonly indexes: readonly Index[];
  readonly filter: Filter;
  readonly sort?: Sort | undefined;
  /** Whether the caller stops after a number of documents. */
  readonly isLimited: boolean;
};

/**
 * Chooses the index that serves filter and sort, the same one in every store: the one with the most leading fields
 * that the filter binds by equality. `_id` is an index of every collection. Throws `NoIndex` if none serves.
 */
export const chooseIndex = (question: IndexQuestion): IndexChoice => {
  let best: IndexChoice | undefined;
  for (const index of [primary, ...question.indexes]) {
    const choice = tryIndex(index, question);
    if (choice && (!best || scoreOf(choice) > scoreOf(best))) best = choice;
  }
  if (best) return best;
  const { collection, filter, sort = {} } = question;
  const filtered = Object.keys(filter).join(', ') || 'nothing';
  const sorted = Object.keys(sort).join(', ') || 'nothing';
  const known = [primary, ...question.indexes].map((index) => JSON.stringify(index)).join(', ');
  throw new NoIndex(
    `no index of ${collection} serves a filter on ${filtered} with a sort on ${sorted}; the indexes are: ${known}`,
  );
};

/** The index that every collection has. */
export const primary: Index = { _id: 1 };

/** Beyond so many ranges, their seeks cost more than they save. */
const pointsMax = 1000;

const tryIndex = (index: Index, question: IndexQuestion): IndexChoice | undefined => {
  const { filter, sort = {}, isLimited } = question;
  const fields = Object.keys(index);
  const { points, depth } = pointsOf(fields, filter);
  const next = fields[depth];
  const range = next === undefined ? undefined : rangeOf(filter[next]);
  if (depth === 0 && !range && !(isLimited && Object.keys(filter).length === 0)) return undefined;
  const order = Object.keys(sort).filter((field) => !isFixed(filter[field]));
  if (!isOrderOf({ fields, depth, filter }, order)) return undefined;
  const turns = new Set(order.map((field) => sort[field] !== index[field]));
  if (turns.size > 1) return undefined;
  const reverse = turns.has(true);
  if (order.length === 0 && depth === 0 && !range && index !== primary) return undefined;
  return { index, points, ...(range && { range }), order, reverse };
};

/**
 * Whether ranges of the index, read one by one or merged, are ordered by these fields: fields that are not bound to
 * one value must follow each other in the index as in the order. It may start after `$in`s.
 */
const isOrderOf = (
  { fields, depth, filter }: { fields: readonly string[]; depth: number; filter: Filter },
  order: readonly string[],
): boolean => {
  const free = fields.filter((field) => !isFixed(filter[field]));
  const lists = fields.slice(0, depth).filter((field) => !isFixed(filter[field])).length;
  for (let start = 0; start <= lists; start++) {
    if (order.every((field, at) => field === free[start + at])) return true;
  }
  return false;
};

/** Equality on `_id` is always best: it finds one document. */
const scoreOf = ({ index, points, range }: IndexChoice): number =>
  (index === primary ? 100 : 2) * (points[0]?.length ?? 0) + (range ? 1 : 0);

/**
 * The values to which the filter binds the index's first fields, and how many fields these are; no points if a field
 * can have no value at all.
 */
const pointsOf = (fields: readonly string[], filter: Filter) => {
  let points: Scalar[][] = [[]];
  let depth = 0;
  for (const field of fields) {
    const values = valuesOf(filter[field]);
    if (!values || values.length * points.length > pointsMax) break;
    points = points.flatMap((point) => values.map((value) => [...point, value]));
    depth += 1;
  }
  return { points, depth };
};

/** The values to which a condition binds its field; undefined if it does not. */
const valuesOf = (condition: unknown): readonly Scalar[] | undefined => {
  if (isScalar(condition)) return [condition];
  if (!isConditions(condition)) return undefined;
  if (isScalar(condition.$eq)) return [condition.$eq];
  const { $in: list } = condition;
  return Array.isArray(list) && list.every(isScalar) ? [...new Set(list)] : undefined;
};

const isFixed = (condition: unknown): boolean => valuesOf(condition)?.length === 1;

const rangeOf = (condition: unknown): Range | undefined => {
  if (!isConditions(condition)) return undefined;
  const ends = Object.entries(condition).filter(
    ([operator, value]) => rangeOperators.has(operator) && isScalar(value),
  );
  return ends.length > 0 ? Object.fromEntries(ends) : undefined;
};

const rangeOperators = new Set(['$gt', '$gte', '$lt', '$lte']);

const isConditions = (condition: unknown): condition is Readonly<Record<string, unknown>> =>
  typeof condition === 'object' && condition !== null && !Array.isArray(condition);

const isScalar = (value: unknown): value is Scalar =>
  value === null ||
  typeof value === 'string' ||
  typeof value === 'number' ||
  typeof value === 'boolean';
