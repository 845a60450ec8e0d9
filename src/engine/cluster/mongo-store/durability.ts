import type { CollectionOptions } from 'mongodb';

/**
 * How batches are written and read: on the disk of a majority before they count, and nothing is taken for
 * applied that a failover could take back. Otherwise a checkpoint could outlive the documents before it.
 */
export const durable: CollectionOptions = {
  writeConcern: { w: 'majority', journal: true },
  readConcern: { level: 'majority' },
  readPreference: 'primary',
};
