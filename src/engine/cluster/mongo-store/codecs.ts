import type { Db } from 'mongodb';
import type { CollectionSpec } from '../../../store/documents.ts';
import { mongoSchemaOf } from '../../../store/json-schema.ts';
import { type Codec, codecOf } from './dates.ts';
import { schemaIn } from './preparation.ts';

/** How the documents of each collection are stored. */
export type Codecs = {
  of(collection: string): Promise<Codec>;
  /** A collection was prepared. */
  know(spec: CollectionSpec): void;
  /** It was dropped. */
  forget(collection: string): void;
};

/**
 * Caches the codecs of collections. One that this process has not prepared has the form of its validator, which it
 * keeps for as long as it exists; so processes that only read, and earlier versions of a model, need no declaration.
 */
export const openCodecs = (database: Db): Codecs => {
  const known = new Map<string, Codec>();
  const learn = async (collection: string): Promise<Codec> => {
    const schema = await schemaIn(database, collection);
    const codec = codecOf(schema ?? undefined);
    if (schema !== null) known.set(collection, codec);
    return codec;
  };
  return {
    of: async (collection) => known.get(collection) ?? learn(collection),
    know: ({ name, schema }) => {
      known.set(name, codecOf(schema && mongoSchemaOf(schema)));
    },
    forget: (collection) => {
      known.delete(collection);
    },
  };
};
