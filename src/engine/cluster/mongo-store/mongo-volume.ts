import { type Db, MongoServerError } from 'mongodb';
import type { Volume } from '../../../store/volume.ts';

const answerMsMax = 2000;
const unauthorized = 13;

/**
 * The disk of the server that holds a database, of a replica set that of its primary. It is not known if the user may
 * not run `dbStats`, and if the server reports no disk, as a router of shards does.
 */
export const volumeOf = (database: Db): Volume => ({
  name: 'the disk of MongoDB',
  freeBytes: async () => {
    try {
      const { fsTotalSize: total, fsUsedSize: used } = await database.command(
        { dbStats: 1 },
        { timeoutMS: answerMsMax },
      );
      return total > 0 ? total - used : undefined;
    } catch (error) {
      if (error instanceof MongoServerError && error.code === unauthorized) return undefined;
      throw error;
    }
  },
});
