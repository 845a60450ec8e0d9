import type { CollectionSpec } from '../documents.ts';

/** One row per signed checkpoint of a log. `_id`: `<incarnation>/<when, in ms, 15 digits>`. */
export const checkpoints: CollectionSpec = { name: 'checkpoints', indexes: [] };
