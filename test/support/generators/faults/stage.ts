import { join } from 'node:path';
import { startMongod } from '../../../../tools/servers/mongod.ts';
import { startNats } from '../../../../tools/servers/nats.ts';
import { freePort } from '../../../../tools/servers/place.ts';
import type { ServerProcess } from '../../../../tools/servers/server-process.ts';
import { tcpProxy } from '../../doubles/tcp-proxy.ts';
import type { Environment } from '../../fixtures/server-process.ts';
import { mountSmallDisk } from '../../fixtures/small-disk.ts';
import { FaultNode, type Which } from './node.ts';
import { Owners } from './owners.ts';

/** Nodes of Oshi on a nats-server and a mongod of their own, each reached over links that can be disturbed. */
export type FaultStage = {
  readonly nats: ServerProcess;
  readonly mongod: ServerProcess;
  /** The folder of NATS, if it is a disk of its own that can be filled; undefined: it is not. */
  readonly smallDisk: string | undefined;
  readonly nodes: readonly FaultNode[];
  readonly owners: Owners;
  /** Ends all nodes in order and starts them again on the same ports. */
  restart(): Promise<void>;
  close(): Promise<void>;
};

export type FaultStageOptions = {
  readonly programs: { readonly nats: string; readonly mongod: string };
  /** Whether NATS is to have a small disk of its own; takes root. */
  readonly hasSmallDisk: boolean;
  /** How many nodes there are. */
  readonly nodes: number;
};

const diskMegabytes = 96;
/** This node seems to run on another machine, where the others cannot see that its process has ended. */
const farNode = 2;
const preload = new URL('../../doubles/other-machine.mjs', import.meta.url).href;

export const openFaultStage = async (options: FaultStageOptions): Promise<FaultStage> => {
  const { programs, hasSmallDisk } = options;
  const disk = hasSmallDisk
    ? await mountSmallDisk(diskMegabytes).catch(() => undefined)
    : undefined;
  const place = disk && { dir: join(disk.dir, 'nats') };
  const nats = await startNats({ program: programs.nats, ...place });
  const mongod = await startMongod({ program: programs.mongod });
  const nodes: FaultNode[] = [];
  while (nodes.length < options.nodes) {
    const isFar = nodes.length === farNode;
    nodes.push(
      await nodeOn({ nats, mongod }, isFar ? { NODE_OPTIONS: `--import ${preload}` } : {}),
    );
  }
  await Promise.all(nodes.map((node) => node.start()));
  const owners = await Owners.open(nats.url, nodes);
  return {
    ...{ nats, mongod, smallDisk: disk?.dir, nodes, owners },
    async restart() {
      await Promise.all(nodes.map((node) => node.stop()));
      await Promise.all(nodes.map((node) => node.start()));
    },
    async close() {
      await owners.close();
      await Promise.all(nodes.map((node) => node.close()));
      for (const server of [nats, mongod]) await server.stop();
      await disk?.remove();
    },
  };
};

/** A node that does not run yet. */
const nodeOn = async (
  { nats, mongod }: Pick<FaultStage, Which>,
  more: Environment,
): Promise<FaultNode> => {
  const links = { nats: await tcpProxy(nats.port), mongod: await tcpProxy(mongod.port) };
  const port = await freePort();
  const env = {
    ...more,
    ...{ OSHI_RATE_LIMITS: 'off', OSHI_LOG_LEVEL: 'error', OSHI_PORT: `${port}` },
    OSHI_NATS_URL: `nats://127.0.0.1:${links.nats.port}`,
    OSHI_MONGODB_URL: `mongodb://127.0.0.1:${links.mongod.port}/oshi`,
  };
  return new FaultNode({ url: `http://127.0.0.1:${port}`, env, links });
};
