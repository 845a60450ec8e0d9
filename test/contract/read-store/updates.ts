import fc from 'fast-check';
import type { Document, Update } from '../../../src/store/documents.ts';

const number = fc.oneof(
  fc.integer({ min: -9, max: 9 }),
  fc.double({ min: -1e6, max: 1e6, noNaN: true }),
);
const finite = number.map((n) => n + 0);
const text = fc.string({ maxLength: 4 });
const element = fc.oneof(
  fc.integer({ min: 0, max: 3 }),
  fc.constantFrom('a', 'b'),
  fc.record({ k: fc.nat(1) }, { noNullPrototype: true }),
);
const scalar = fc.oneof(finite, text, fc.boolean(), fc.constant(null));

const several = fc
  .uniqueArray(element, { maxLength: 3, selector: (value) => JSON.stringify(value) })
  .map((elements) => ({ $each: elements }));

/** A document whose fields are called by what they hold: numbers, texts, lists without doubles. */
export const plainDocuments: fc.Arbitrary<Document> = fc.record(
  {
    _id: fc.constant('x'),
    n1: finite,
    n2: finite,
    t1: text,
    t2: text,
    l1: fc.uniqueArray(element, { maxLength: 4, selector: (value) => JSON.stringify(value) }),
    any: scalar,
    deep: fc.record({ n1: finite, t1: text }, { requiredKeys: [], noNullPrototype: true }),
  },
  { requiredKeys: ['_id'], noNullPrototype: true },
);

/** Updates that MongoDB accepts for such documents: no path twice, no number added to a text. */
export const plainUpdates: fc.Arbitrary<Update> = fc
  .record(
    {
      n1: fc.oneof(
        operation('$inc', finite),
        operation('$max', finite),
        operation('$min', finite),
        operation('$unset', fc.constant('')),
      ),
      n2: fc.oneof(operation('$set', finite), operation('$setOnInsert', finite)),
      t1: fc.oneof(operation('$max', text), operation('$min', text), operation('$set', text)),
      l1: fc.oneof(
        operation('$push', element),
        operation('$addToSet', element),
        operation('$pull', element),
        operation('$push', several),
        operation('$addToSet', several),
      ),
      any: fc.oneof(
        operation('$set', scalar),
        operation('$max', finite),
        operation('$unset', fc.constant('')),
      ),
      'deep.n1': fc.oneof(
        operation('$inc', finite),
        operation('$max', finite),
        operation('$min', finite),
      ),
      'deep.t1': fc.oneof(operation('$set', text), operation('$unset', fc.constant(''))),
    },
    { requiredKeys: [], noNullPrototype: true },
  )
  .filter((operations) => Object.keys(operations).length > 0)
  .map((operations) => {
    const update: Record<string, Record<string, unknown>> = {};
    for (const [field, { operator, value }] of Object.entries(operations)) {
      update[operator] = { ...update[operator], [field]: value };
    }
    return update as Update;
  });

function operation<T>(operator: string, values: fc.Arbitrary<T>) {
  return values.map((value) => ({ operator, value: value as unknown }));
}
