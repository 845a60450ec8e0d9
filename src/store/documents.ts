import type * as Type from 'typebox';

/** A document of a read model. `_id` names it within its collection. */
export type Document = { readonly _id: string; readonly [field: string]: unknown };

/** MongoDB's update operators on fields; at least `$set`, `$unset`, `$inc`, `$max`, `$min`, `$setOnInsert`, `$push`, `$pull`, `$addToSet`. */
export type Update = { readonly [operator: `$${string}`]: { readonly [field: string]: unknown } };

/**
 * One change of one document, named by its `_id`, in the form of MongoDB's `bulkWrite`. What would change many
 * documents must be a flag on one, which queries read.
 */
export type Write =
  | { readonly insertOne: { readonly document: Document } }
  | {
      readonly updateOne: {
        readonly filter: { readonly _id: string };
        readonly update: Update;
        readonly upsert?: boolean;
      };
    }
  | { readonly deleteOne: { readonly filter: { readonly _id: string } } };

/** An index: fields in order, each ascending (1) or descending (-1). */
export type Index = { readonly [field: string]: 1 | -1 };

/** The specification of a collection: its indexes, and the schema of its documents. */
export type CollectionSpec = {
  readonly name: string;
  readonly indexes: readonly Index[];
  /**
   * Without the fields that the runner adds; MongoDB gets it as a `$jsonSchema` validator. It declares which fields
   * are times (`Time`), which MongoDB stores as dates.
   */
  readonly schema?: Type.TSchema;
};
