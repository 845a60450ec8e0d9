import { randomInt } from 'node:crypto';
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

/** Below those that systems give to outgoing connections: such a one may be gone again before it is used. */
const ports = { first: 15_000, end: 32_000 };
const triesMax = 100;

/** A port that nobody listens on: the preferred one if it is free. */
export const freePort = async (preferred = randomInt(ports.first, ports.end)): Promise<number> => {
  for (let tries = 1, port = preferred; ; tries++) {
    const server = createServer();
    try {
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
      return port;
    } catch (error) {
      if (tries === triesMax) throw error;
      port = randomInt(ports.first, ports.end);
    } finally {
      server.close();
    }
  }
};
