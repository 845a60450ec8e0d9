import { statSync } from 'node:fs';
import { join } from 'node:path';
import { checkpointFile } from './checkpoint-file.ts';

/** Files that are only created when there is a log. */
const besideLog = [
  'vault.mdb',
  'connections.mdb',
  checkpointFile,
  join('read-models', 'read-models.mdb'),
];

const isThere = (path: string): boolean =>
  (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0;

/**
 * Throws with one line if a data folder has lost its log: with an empty one everything else in it would be worthless.
 */
export const refuseLostLog = (dataDir: string): void => {
  if (statSync(join(dataDir, 'log.mdb'), { throwIfNoEntry: false })) return;
  const left = besideLog.filter((name) => isThere(join(dataDir, name)));
  if (left.length === 0) return;
  throw new Error(
    `There is no log.mdb in ${dataDir}, but ${left.join(', ')} of the log that was there. Restore log.mdb from the backup, or move the other files away to start with an empty log.`,
  );
};
