import { isDeepStrictEqual } from 'node:util';
import { type CollectionInfo, type Db, type Document as Fields, MongoServerError } from 'mongodb';
import type { CollectionSpec, Index } from '../../../store/documents.ts';
import { type MongoSchema, mongoSchemaOf } from '../../../store/json-schema.ts';
import { goneField, goneSeconds } from './record.ts';

/** Creates collections with their validators and indexes if they do not exist. Index builds may take long. */
export const prepareCollections = async (
  database: Db,
  specs: readonly CollectionSpec[],
): Promise<void> => {
  const present = await database.listCollections({}, { nameOnly: false }).toArray();
  const found = new Map(present.map((collection) => [collection.name, collection]));
  for (const spec of specs) await prepareCollection(database, spec, found.get(spec.name));
};

const prepareCollection = async (
  database: Db,
  spec: CollectionSpec,
  found: CollectionInfo | undefined,
): Promise<void> => {
  const { name, indexes } = spec;
  await prepareValidator(database, spec, found);
  await database.collection(name).createIndexes([
    ...indexes.map((key) => ({ key, name: nameOf(key) })),
    {
      key: { [goneField]: 1 },
      name: goneField,
      expireAfterSeconds: goneSeconds,
      partialFilterExpression: { [goneField]: { $exists: true } },
    },
  ]);
};

/** The indexes of a collection that queries may use. */
export const indexesOf = async (database: Db, name: string): Promise<readonly Index[]> => {
  try {
    const indexes = await database.collection(name).indexes();
    return indexes
      .filter((index) => !('partialFilterExpression' in index) && index.name !== primaryName)
      .map(({ key }) => key as Index);
  } catch (error) {
    if (error instanceof MongoServerError && error.code === namespaceNotFound) return [];
    throw error;
  }
};

/** The schema by which MongoDB checks the documents of a collection, if it does; null: there is no collection. */
export const schemaIn = async (
  database: Db,
  name: string,
): Promise<MongoSchema | undefined | null> => {
  const [found] = await database.listCollections({ name }, { nameOnly: false }).toArray();
  if (!found) return null;
  const checks: readonly Fields[] = found.options?.validator?.$or ?? [];
  return checks.find(({ $jsonSchema }) => $jsonSchema)?.$jsonSchema;
};

/** MongoDB's own index of every collection, on `_id` alone. */
const primaryName = '_id_';
const namespaceNotFound = 26;
const namespaceExists = 48;

const nameOf = (index: Index): string => Object.entries(index).flat().join('_');

const prepareValidator = async (
  database: Db,
  { name, schema }: CollectionSpec,
  found: CollectionInfo | undefined,
): Promise<void> => {
  const validator: Fields = schema
    ? { $or: [{ [goneField]: { $exists: true } }, { $jsonSchema: mongoSchemaOf(schema) }] }
    : {};
  if (!found) {
    try {
      await database.createCollection(name, { validator });
      return;
    } catch (error) {
      if (!(error instanceof MongoServerError && error.code === namespaceExists)) throw error;
    }
  }
  const present: Fields = found?.options ?? {};
  if (!isDeepStrictEqual(present.validator ?? {}, validator)) {
    await database.command({ collMod: name, validator });
  }
};
