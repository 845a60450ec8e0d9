import { join } from 'node:path';
import { startMongod } from '../../../../tools/servers/mongod.ts';
import { startNats } from '../../../../tools/servers/nats.ts';
import { freePort } from '../../../../tools/servers/place.ts';
import type { ServerProcess } from '../../../../tools/servers/server-process.ts';
import { type TcpProxy, tcpProxy } from '../../doubles/tcp-proxy.ts';
import { type Environment, type OshiServer, startOshi } from '../../fixtures/server-process.ts';
import { mountSmallDisk } from '../../fixtures/small-disk.ts';

/** A server behind Oshi, and the link to it. */
export type Behind = { readonly server: ServerProcess; readonly link: TcpProxy };

/** Oshi on a nats-server and a mongod of its own, each reached over a link that can be disturbed. */
export type FaultStage = {
  readonly nats: Behind;
  readonly mongod: Behind;
  /** The folder of NATS, if it is a disk of its own that can be filled; undefined: it is not. */
  readonly smallDisk: string | undefined;
  readonly env: Environment;
  readonly url: string;
  /** What Oshi has written to standard error. */
  stderr(): string;
  /** Ends Oshi in order and starts it again on the same port. */
  restart(): Promise<void>;
  close(): Promise<void>;
};

export type FaultStageOptions = {
  readonly programs: { readonly nats: string; readonly mongod: string };
  /** Whether NATS is to have a small disk of its own; takes root. */
  readonly hasSmallDisk: boolean;
};

const diskMegabytes = 96;

export const openFaultStage = async ({
  programs,
  hasSmallDisk,
}: FaultStageOptions): Promise<FaultStage> => {
  const disk = hasSmallDisk
    ? await mountSmallDisk(diskMegabytes).catch(() => undefined)
    : undefined;
  const place = disk && { dir: join(disk.dir, 'nats') };
  const behind = async (server: ServerProcess): Promise<Behind> => ({
    server,
    link: await tcpProxy(server.port),
  });
  const nats = await behind(await startNats({ program: programs.nats, ...place }));
  const mongod = await behind(await startMongod({ program: programs.mongod }));
  const env = {
    ...{ OSHI_RATE_LIMITS: 'off', OSHI_LOG_LEVEL: 'fatal', OSHI_PORT: `${await freePort()}` },
    OSHI_NATS_URL: `nats://127.0.0.1:${nats.link.port}`,
    OSHI_MONGODB_URL: `mongodb://127.0.0.1:${mongod.link.port}/oshi`,
  };
  let oshi: OshiServer = await startOshi(env);
  return {
    ...{ nats, mongod, smallDisk: disk?.dir, env },
    url: oshi.url,
    stderr: () => oshi.stderr(),
    async restart() {
      await oshi.stop();
      oshi = await startOshi(env);
    },
    async close() {
      await oshi.kill();
      for (const { server, link } of [nats, mongod]) {
        await link.close();
        await server.stop();
      }
      await disk?.remove();
    },
  };
};
