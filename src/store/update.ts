import { isDeepStrictEqual } from 'node:util';
import { update as updateInPlace } from 'mingo/updater';
import type { Document, Update, Write } from './documents.ts';
import { testOf } from './filter.ts';

type Fields = Record<string, unknown>;

/** Applies one operator to one top-level field; false leaves it to mingo. */
type Step = (document: Fields, field: string, value: unknown) => boolean;

/**
 * The document as MongoDB's `updateOne` would leave it; `document` itself is not changed. `isInsert`: an upsert
 * creates it, so `$setOnInsert` counts. As in mingo, an operator that does not apply to a field's type (`$inc` of a
 * text) changes nothing; an unknown operator and a change of `_id` throw.
 */
export const applyUpdate = (document: Document, update: Update, isInsert: boolean): Document => {
  const changed: Fields = { ...document };
  const rest: Record<string, Fields> = {};
  for (const [name, fields] of Object.entries(update)) {
    if (name === '$setOnInsert' && !isInsert) continue;
    const operator = name === '$setOnInsert' ? '$set' : name;
    const left = applyFlat(changed, operator, fields);
    if (left) rest[operator] = { ...rest[operator], ...left };
  }
  if (Object.keys(rest).length > 0) applyRest(changed, rest);
  return changed as Document;
};

/** The document after a write; undefined means no document, before and after. */
export const applyWrite = (document: Document | undefined, write: Write): Document | undefined => {
  if ('insertOne' in write) return withoutUndefined(write.insertOne.document);
  if ('deleteOne' in write) return undefined;
  const { filter, update, upsert } = write.updateOne;
  if (document) return applyUpdate(document, update, false);
  return upsert ? applyUpdate({ _id: filter._id }, update, true) : undefined;
};

/** Applies the fast operators and returns the fields that are left to mingo. */
const applyFlat = (document: Fields, operator: string, fields: Fields): Fields | undefined => {
  const step = steps[operator];
  let left: Fields | undefined;
  for (const [field, value] of Object.entries(fields)) {
    if (value === undefined || isPrototypePath(field)) continue;
    if (step && isFlat(field) && step(document, field, value)) continue;
    if (deepOperators.has(operator) && step && stepInto(document, { field, value, step })) continue;
    left ??= {};
    left[field] = value;
  }
  return left;
};

/**
 * The operators of nearly all writes, on a top-level field: fifty times faster than mingo, which compiles every
 * update anew. Tested to be equal to it, and to MongoDB where the two differ (`$pull` of an object from a list of
 * texts, `$addToSet` where the list has duplicates).
 */
const steps: { readonly [operator: string]: Step } = {
  $set: (document, field, value) => {
    document[field] = value;
    return true;
  },
  $unset: (document, field) => {
    delete document[field];
    return true;
  },
  $inc: (document, field, value) => {
    const held = heldIn(document, field) ?? 0;
    if (document[field] === null || !Number.isFinite(held) || !Number.isFinite(value)) return false;
    document[field] = (held as number) + (value as number);
    return true;
  },
  $push: (document, field, value) => extend(document, { field, value, isSet: false }),
  $addToSet: (document, field, value) => extend(document, { field, value, isSet: true }),
  $pull: (document, field, value) => {
    const held = heldIn(document, field);
    if (!Array.isArray(held)) return false;
    const isPulled = pulledBy(value);
    if (isPulled) document[field] = held.filter((element) => !isPulled(element));
    return isPulled !== undefined;
  },
  $max: (document, field, value) => keepBetter(document, { field, value, sign: 1 }),
  $min: (document, field, value) => keepBetter(document, { field, value, sign: -1 }),
};

/** The operators with a fast path on a field of an object, `object.field`: counts by name are stored so. */
const deepOperators: ReadonlySet<string> = new Set(['$set', '$unset', '$inc']);

const stepInto = (
  document: Fields,
  { field: path, value, step }: { field: string; value: unknown; step: Step },
): boolean => {
  const [outer = '', field = '', deeper] = path.split('.', 3);
  const isDeep = deeper === undefined && isFlat(outer) && isFlat(field) && !/^\d*$/.test(field);
  const held = heldIn(document, outer) ?? (outer in document ? null : {});
  if (!(isDeep && isObject(held) && Object.getPrototypeOf(held) === Object.prototype)) return false;
  const changed = { ...held };
  if (!step(changed, field, value)) return false;
  if (Object.hasOwn(document, outer) || Object.hasOwn(changed, field)) document[outer] = changed;
  return true;
};

const keepBetter = (
  document: Fields,
  { field, value, sign }: { field: string; value: unknown; sign: 1 | -1 },
): boolean => {
  const held = heldIn(document, field);
  if (typeof value !== 'number' && typeof value !== 'string') return false;
  if (held !== undefined && typeof held !== typeof value) return false;
  const order = held === undefined || value === held ? 0 : value > (held as typeof value) ? 1 : -1;
  if (held === undefined || order === sign) document[field] = value;
  return true;
};

const heldIn = (document: Fields, field: string): unknown =>
  Object.hasOwn(document, field) ? document[field] : undefined;

const extend = (
  document: Fields,
  { field, value, isSet }: { field: string; value: unknown; isSet: boolean },
): boolean => {
  const held = heldIn(document, field) === undefined ? [] : document[field];
  const added = addedBy(value);
  if (!(Array.isArray(held) && added)) return false;
  const list = [...held];
  for (const element of added) {
    if (!(isSet && list.some((other) => isDeepStrictEqual(other, element)))) list.push(element);
  }
  document[field] = list;
  return true;
};

/** The values added to a list; undefined if there are modifiers (`$slice`, `$sort`). */
const addedBy = (value: unknown): readonly unknown[] | undefined => {
  if (!isObject(value)) return [value];
  const modifiers = Object.keys(value).filter((name) => name.startsWith('$'));
  if (modifiers.length === 0) return [value];
  if (modifiers.length > 1 || !Array.isArray(value.$each)) return undefined;
  return value.$each;
};

/** Equal values, or objects with equal fields; undefined for conditions (`$gte`), which mingo tests. */
const pulledBy = (value: unknown): ((element: unknown) => boolean) | undefined => {
  if (!isObject(value)) return (element) => isDeepStrictEqual(element, value);
  if (Object.keys(value).some((name) => name.startsWith('$'))) return undefined;
  const isSame = testOf(value);
  return (element) => isObject(element) && isSame(element as Document);
};

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** mingo changes in place: the fields that it may change are deeply copied before. */
const applyRest = (document: Fields, rest: Record<string, Fields>): void => {
  for (const fields of Object.values(rest)) {
    for (const path of Object.keys(fields)) {
      const [root = ''] = path.split('.', 1);
      if (Object.hasOwn(document, root)) document[root] = structuredClone(document[root]);
    }
  }
  updateInPlace(document, rest);
};

const isFlat = (field: string): boolean =>
  field !== '_id' && !field.includes('.') && !field.includes('$');

/** Names may come from users: those that would reach into the prototype are not fields. */
const isPrototypePath = (path: string): boolean =>
  path.includes('__proto__') && path.split('.').includes('__proto__');

/** MongoDB's driver leaves such fields out as well. */
const withoutUndefined = (document: Document): Document => {
  if (!Object.values(document).includes(undefined)) return document;
  return Object.fromEntries(
    Object.entries(document).filter(([, value]) => value !== undefined),
  ) as Document;
};
