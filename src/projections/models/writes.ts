import type { Update, Write } from '../../store/documents.ts';

/** The update of a row, if it exists. */
export const updated = (_id: string, update: Update): Write[] => [
  { updateOne: { filter: { _id }, update } },
];

/** The update of a row, which is created if it does not exist. */
export const upserted = (_id: string, update: Update): Write[] => [
  { updateOne: { filter: { _id }, update, upsert: true } },
];

/** Replaces each field that is named; null removes it. */
export const replacing = (fields: object): Update => {
  const named = Object.entries(fields).filter(([, value]) => value !== undefined);
  const set = named.filter(([, value]) => value !== null);
  const unset = named.filter(([, value]) => value === null).map(([name]) => [name, '']);
  return {
    ...(set.length > 0 && { $set: Object.fromEntries(set) }),
    ...(unset.length > 0 && { $unset: Object.fromEntries(unset) }),
  };
};
