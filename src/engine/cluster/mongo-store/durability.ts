import type { CollectionOptions } from 'mongodb';

/**
 * How batches are written and read: acknowledged by the disks of a majority, and nothing counts as applied that a
 * failover could roll back. Otherwise a checkpoint could outlive the documents before it.
 */
export const durable: CollectionOptions = {
  writeConcern: { w: 'majority', journal: true },
  readConcern: { level: 'majority' },
  readPreference: 'primary',
};
