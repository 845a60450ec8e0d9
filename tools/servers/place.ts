import { once } from 'node:events';
import { mkdir, mkdtemp } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where a server keeps its data and listens. What is left out is chosen: a temporary folder, a free port. */
export type PlaceOptions = { readonly dir?: string; readonly port?: number };

export type Place = {
  readonly dir: string;
  readonly dirIsTemporary: boolean;
  readonly port: number;
};

/** Makes the folder and settles the port. */
export const placeFor = async (name: string, options: PlaceOptions): Promise<Place> => {
  const port = options.port ?? (await freePort());
  if (options.dir === undefined) {
    const dir = await mkdtemp(join(tmpdir(), `oshi-${name}-`));
    return { dir, dirIsTemporary: true, port };
  }
  await mkdir(options.dir, { recursive: true });
  return { dir: options.dir, dirIsTemporary: false, port };
};

/** A port that nobody listens on: the preferred one if it is free. */
export const freePort = async (preferred = 0): Promise<number> => {
  const server = createServer();
  try {
    server.listen(preferred, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (typeof address !== 'object' || !address) throw new Error('a listener without a port');
    return address.port;
  } catch (error) {
    if (preferred === 0) throw error;
    return await freePort();
  } finally {
    server.close();
  }
};
