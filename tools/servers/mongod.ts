import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type PlaceOptions, placeFor } from './place.ts';
import { type ServerProcess, startServer } from './server-process.ts';

export type MongodOptions = PlaceOptions & {
  /** Path of `mongod`. */
  readonly program: string;
  /** More arguments of the command line. */
  readonly extraArgs?: readonly string[];
};

/** Starts a standalone mongod on 127.0.0.1 that is sparing with memory. */
export const startMongod = async (options: MongodOptions): Promise<ServerProcess> => {
  const place = await placeFor('mongod', options);
  const data = join(place.dir, 'data');
  await mkdir(data, { recursive: true });
  return await startServer({
    ...place,
    name: 'mongod',
    program: options.program,
    args: [
      ...['--dbpath', data, '--port', String(place.port), '--bind_ip', '127.0.0.1'],
      ...['--wiredTigerCacheSizeGB', '0.5', '--nounixsocket'],
      ...['--setParameter', 'diagnosticDataCollectionEnabled=false'],
      ...(options.extraArgs ?? []),
    ],
    url: `mongodb://127.0.0.1:${place.port}`,
  });
};
