import type { Document, Write } from './documents.ts';
import { appliedField, type PlacedWrite } from './store.ts';
import { applyWrite } from './update.ts';

/** The key of the last applied event, by partition. */
export type Applied = { readonly [partition: string]: number };

/** What is stored under one `_id`: the document, if there is one, and its applied positions. */
export type Folded = { readonly document: Document | undefined; readonly applied: Applied };

/**
 * Applies the writes of one partition to one document, in order, without those that it already contains; undefined if
 * it contains all of them. An insert replaces an older document.
 *
 * The document's position is compared once, before the first write: several writes of one event have the same key,
 * and either all of them count or none.
 */
export const foldWrites = (
  before: Folded,
  writes: readonly PlacedWrite[],
  partition: number,
): Folded | undefined => {
  const previous = before.applied[partition] ?? 0;
  let { document } = before;
  let place = previous;
  for (const write of writes) {
    if (write.place <= previous) continue;
    document = applyWrite(document, write.write);
    place = write.place;
  }
  if (place === previous) return undefined;
  const applied = { ...before.applied, [partition]: place };
  return { document: document && { ...document, [appliedField]: applied }, applied };
};

/** The applied positions of a document; none if it has no such field. */
export const appliedOf = (document: Document | undefined): Applied =>
  (document?.[appliedField] as Applied | undefined) ?? {};

/** The writes of a batch by their document, in order. */
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

export const targetOf = (write: Write): string => {
  if ('insertOne' in write) return write.insertOne.document._id;
  return 'updateOne' in write ? write.updateOne.filter._id : write.deleteOne.filter._id;
};
