import type { Document, Write } from './documents.ts';
import { appliedField, type PlacedWrite } from './store.ts';
import { applyWrite } from './update.ts';

/** By partition: the place of the last event that changed the document. */
export type Applied = { readonly [partition: string]: number };

/** What is known of one document name: the document, if there is one, and how far it has come. */
export type Folded = { readonly document: Document | undefined; readonly applied: Applied };

/**
 * Applies the writes of one partition to one document, in order, without those that it already carries;
 * undefined if it carries all of them. An insert takes the place of an older document.
 *
 * What the document carries is compared once, before the first write: several writes of one event have the
 * same place, and all of them count or none.
 */
export const foldWrites = (
  before: Folded,
  writes: readonly PlacedWrite[],
  partition: number,
): Folded | undefined => {
  const carried = before.applied[partition] ?? 0;
  let { document } = before;
  let place = carried;
  for (const write of writes) {
    if (write.place <= carried) continue;
    document = applyWrite(document, write.write);
    place = write.place;
  }
  if (place === carried) return undefined;
  const applied = { ...before.applied, [partition]: place };
  return { document: document && { ...document, [appliedField]: applied }, applied };
};

/** How far a document has come; nowhere if it carries nothing. */
export const appliedOf = (document: Document | undefined): Applied =>
  (document?.[appliedField] as Applied | undefined) ?? {};

/** A batch's writes by the document that they change, each document's in order. */
export const writesByDocument = (
  writes: readonly PlacedWrite[],
): Map<string, Map<string, PlacedWrite[]>> => {
  const collections = new Map<string, Map<string, PlacedWrite[]>>();
  for (const write of writes) {
    let documents = collections.get(write.collection);
    if (!documents) {
      documents = new Map();
      collections.set(write.collection, documents);
    }
    const id = targetOf(write.write);
    const group = documents.get(id);
    if (group) group.push(write);
    else documents.set(id, [write]);
  }
  return collections;
};

/** The `_id` of the document that a write names. */
export const targetOf = (write: Write): string => {
  if ('insertOne' in write) return write.insertOne.document._id;
  return 'updateOne' in write ? write.updateOne.filter._id : write.deleteOne.filter._id;
};
