import type { AnyBulkWriteOperation, Filter, UpdateFilter } from 'mongodb';
import { wallClock } from '../../../runtime/clock.ts';
import type { Document } from '../../../store/documents.ts';
import { type Applied, appliedOf, type Folded } from '../../../store/fold.ts';
import { appliedField } from '../../../store/store.ts';
import type { Codec } from './dates.ts';

/** What is stored under an `_id`: a document, or the tombstone of a deleted one. */
export type Stored = Document & { readonly [goneField]?: Date };

/**
 * When a document was deleted. Its tombstone (its `_id` and its applied positions) keeps a runner that was replaced,
 * but does not know it yet, from restoring it with an insert that it applies late: such a runner's checkpoint is
 * refused afterwards, so it would never reach the delete. MongoDB removes the tombstone after `goneSeconds`.
 */
export const goneField = '_gone';

/** No runner is out of touch for this long. */
export const goneSeconds = 24 * 60 * 60;

/** The stored state in the form that `foldWrites` takes. */
export const foldedOf = (stored: Stored | undefined): Folded => ({
  document: stored && !stored[goneField] ? stored : undefined,
  applied: appliedOf(stored),
});

type Replaced = {
  readonly id: string;
  /** Decoded. */
  readonly before: Stored | undefined;
  readonly codec: Codec;
};

/** The write that replaces `before` by what was folded, if `before` has not been changed meanwhile. */
export const replacementOf = (
  { id, before, codec: { encode } }: Replaced,
  { document, applied }: Folded,
): AnyBulkWriteOperation<Stored> => {
  const after = encode(document ?? remainsOf(id, applied));
  if (!before) return { insertOne: { document: after } };
  const filter = unchanged(before);
  if (!document || before[goneField] || !Object.keys(document).every(isPlain)) {
    return { replaceOne: { filter, replacement: after } };
  }
  const { changed, lost } = differenceOf(before, document);
  const update = { $set: encode(changed), ...(lost && { $unset: lost }) };
  return { updateOne: { filter, update: update as UpdateFilter<Stored> } };
};

const remainsOf = (id: string, applied: Applied): Stored => ({
  _id: id,
  [appliedField]: applied,
  [goneField]: new Date(wallClock()),
});

/**
 * Applying events to a document moves its applied position in their partition; so all of its positions together are
 * the document's version.
 */
const unchanged = (before: Stored): Filter<Stored> =>
  ({
    _id: before._id,
    [appliedField]: before[appliedField] ?? { $exists: false },
  }) as Filter<Stored>;

const isPlain = (field: string): boolean => !(field.includes('.') || field.startsWith('$'));

const differenceOf = (before: Document, after: Document) => {
  const changed = Object.entries(after).filter(([field, value]) => value !== before[field]);
  const lost = Object.keys(before).filter((field) => !Object.hasOwn(after, field));
  return {
    changed: Object.fromEntries(changed),
    ...(lost.length > 0 && { lost: Object.fromEntries(lost.map((field) => [field, ''])) }),
  };
};
