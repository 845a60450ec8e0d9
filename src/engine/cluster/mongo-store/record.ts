import type { AnyBulkWriteOperation, Filter, UpdateFilter } from 'mongodb';
import { wallClock } from '../../../runtime/clock.ts';
import type { Document } from '../../../store/documents.ts';
import { type Applied, appliedOf, type Folded } from '../../../store/fold.ts';
import { appliedField } from '../../../store/store.ts';

/** What stands in a collection under an `_id`: a document, or what is left of a deleted one. */
export type Stored = Document & { readonly [goneField]?: Date };

/**
 * When a document was deleted. What is left of it then (its `_id` and how far it had come) keeps a runner that
 * has been replaced, but does not know it yet, from bringing it back with an insert that it applies late: such
 * a runner's checkpoint is refused afterwards, so it would never come to the delete. MongoDB removes what is
 * left after `goneSeconds`.
 */
export const goneField = '_gone';

/** No runner is out of touch for so long. */
export const goneSeconds = 24 * 60 * 60;

/** What is there, as `foldWrites` wants it. */
export const foldedOf = (stored: Stored | undefined): Folded => ({
  document: stored && !stored[goneField] ? stored : undefined,
  applied: appliedOf(stored),
});

/** What to write so that `after` is there in place of `before`, if nobody has changed `before` meanwhile. */
export const replacementOf = (
  before: Stored | undefined,
  id: string,
  { document, applied }: Folded,
): AnyBulkWriteOperation<Stored> => {
  const after = document ?? remainsOf(id, applied);
  if (!before) return { insertOne: { document: after } };
  const filter = unchanged(before);
  if (!document || before[goneField] || !Object.keys(document).every(isPlain)) {
    return { replaceOne: { filter, replacement: after } };
  }
  return { updateOne: { filter, update: differenceOf(before, document) } };
};

const remainsOf = (id: string, applied: Applied): Stored => ({
  _id: id,
  [appliedField]: applied,
  [goneField]: new Date(wallClock()),
});

/**
 * Whoever applies events to a document moves how far it has come, of its own partition; so all of it together
 * is the document's version.
 */
const unchanged = (before: Stored): Filter<Stored> =>
  ({
    _id: before._id,
    [appliedField]: before[appliedField] ?? { $exists: false },
  }) as Filter<Stored>;

const isPlain = (field: string): boolean => !(field.includes('.') || field.startsWith('$'));

const differenceOf = (before: Document, after: Document): UpdateFilter<Stored> => {
  const changed = Object.entries(after).filter(([field, value]) => value !== before[field]);
  const lost = Object.keys(before).filter((field) => !Object.hasOwn(after, field));
  const difference = {
    $set: Object.fromEntries(changed),
    ...(lost.length > 0 && { $unset: Object.fromEntries(lost.map((field) => [field, ''])) }),
  };
  return difference as UpdateFilter<Stored>;
};
