import type { DocumentReader } from '../store/document-reader.ts';
import type { Document } from '../store/documents.ts';
import { isSame, type Pair } from './documents.ts';

/** Documents that are read at once from each side. */
const pageSize = 500;

/** A collection as it is stored and as it was rebuilt. */
export type Sides = {
  readonly live: DocumentReader;
  readonly rebuilt: DocumentReader;
  readonly collection: string;
};

/** The documents of a collection, in order. */
async function* documentsIn(
  reader: DocumentReader,
  collection: string,
): AsyncGenerator<Document, undefined> {
  let last: string | undefined = '';
  while (last !== undefined) {
    const page = await reader.page(collection, last, pageSize);
    yield* page;
    last = page.at(-1)?._id;
  }
}

const order = (one: string, other: string): number =>
  one === other ? 0 : Buffer.compare(Buffer.from(one), Buffer.from(other));

/** All documents of a collection, those of one `_id` together, in the order of the ids. */
async function* pairs({ live, rebuilt, collection }: Sides): AsyncGenerator<Pair> {
  const left = documentsIn(live, collection);
  const right = documentsIn(rebuilt, collection);
  let [one, other] = await Promise.all([left.next(), right.next()]);
  for (;;) {
    const [mine, theirs] = foremost(one.value, other.value);
    const id = (mine ?? theirs)?._id;
    if (id === undefined) return;
    yield { collection, id, live: mine, rebuilt: theirs };
    if (mine) one = await left.next();
    if (theirs) other = await right.next();
  }
}

/** Which of two documents comes first, or both if they have one `_id`. */
const foremost = (
  one: Document | undefined,
  other: Document | undefined,
): readonly [Document | undefined, Document | undefined] => {
  if (!(one && other)) return [one, other];
  const turn = order(one._id, other._id);
  return [turn <= 0 ? one : undefined, turn >= 0 ? other : undefined];
};

/** The pairs that differ, and the number of documents that were compared. */
export async function* differingPairs(
  sides: Sides,
  counted: (documents: number) => void,
): AsyncGenerator<Pair> {
  let count = 0;
  for await (const pair of pairs(sides)) {
    count++;
    if (!isSame(pair)) yield pair;
    if (count % pageSize === 0) counted(count);
  }
  counted(count);
}
