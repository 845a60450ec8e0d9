import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { kill } from 'node:process';
import { until } from '../../checkers/waiting.ts';
import type { Chance } from '../chance.ts';
import type { Disturbance, FaultNode, Which } from './node.ts';
import type { FaultStage } from './stage.ts';

/**
 * What a fault must not touch. `connections`: no connection is closed, and everybody posts; only the read models are
 * away. `commands`: connections are closed in order, and no command is refused. `nothing`: commands may be refused.
 */
export type Spared = 'connections' | 'commands' | 'nothing';

/** What happens to the servers behind Oshi, or to its nodes: it begins, lasts, and is over. */
export type Fault = {
  readonly name: string;
  readonly spares: Spared;
  /** How long it lasts at least, in ms. */
  readonly msMin?: number;
  begin(): Promise<void>;
  end(): Promise<void>;
};

const piece = Buffer.alloc(64 * 1024);
const ballast = 'ballast';

/** Fills a disk to its last byte, and a little more than once since servers may free something meanwhile. */
const fill = async (dir: string): Promise<void> => {
  const file = join(dir, ballast);
  await writeFile(file, Buffer.alloc(0));
  for (const bytes of [piece, piece.subarray(0, 512), piece.subarray(0, 1)]) {
    try {
      for (;;) await writeFile(file, bytes, { flag: 'a' });
    } catch {
      // The next is smaller.
    }
  }
};

/** What happens to a server, or to the links of all nodes to it. */
const ofServer = (stage: FaultStage, which: Which): Fault[] => {
  const server = stage[which];
  const spares = which === 'mongod' ? 'connections' : 'nothing';
  const onLinks = (how: Disturbance): Fault => ({
    ...{ name: `${which} ${how}`, spares },
    async begin() {
      for (const node of stage.nodes) node.disturb(which, how);
    },
    async end() {
      for (const node of stage.nodes) node.repair(which, how);
    },
  });
  return [
    {
      ...{ name: `${which} killed`, spares },
      begin: () => server.kill(),
      end: () => server.restart(),
    },
    {
      ...{ name: `${which} frozen`, spares },
      begin: async () => void kill(server.pid, 'SIGSTOP'),
      end: async () => void kill(server.pid, 'SIGCONT'),
    },
    ...[onLinks('half-open'), onLinks('slow')],
  ];
};

const fullDisk = ({ nats }: FaultStage, disk: string): Fault => ({
  ...{ name: 'nats disk full', spares: 'nothing' },
  begin: () => fill(disk),
  // A JetStream that could not write stores nothing more until it is started again.
  async end() {
    await rm(join(disk, ballast), { force: true });
    await nats.restart();
  },
});

/** What happens to one node. */
type NodeFault = Pick<Fault, 'name' | 'spares' | 'msMin'> & {
  begin(node: FaultNode): Promise<void> | void;
  end(node: FaultNode): Promise<void> | void;
};

/** Longer than a node may be silent. */
const suspendedMsMin = 7000;

const nodeFaults: readonly NodeFault[] = [
  {
    ...{ name: 'killed', spares: 'nothing' },
    begin: (node) => node.kill(),
    end: (node) => node.start(),
  },
  {
    ...{ name: 'suspended', spares: 'nothing', msMin: suspendedMsMin },
    begin: (node) => node.suspend(),
    end: (node) => node.resume(),
  },
  {
    ...{ name: 'drained', spares: 'commands' },
    begin: (node) => node.stop(),
    end: (node) => node.start(),
  },
  ...(['nats', 'mongod'] as const).flatMap((which) =>
    (['cut', 'half-open', 'slow'] as const).map(
      (how): NodeFault => ({
        name: `${how} ${how === 'slow' ? 'to' : 'off'} ${which}`,
        spares: which === 'mongod' ? 'connections' : 'nothing',
        begin: (node) => node.disturb(which, how),
        end: (node) => node.repair(which, how),
      }),
    ),
  ),
];

/** Nodes that each run a partition, by chance. */
const victims = ({ owners, nodes }: FaultStage, chance: Chance): FaultNode[] => {
  const found = new Set<FaultNode>();
  const runners = [...owners.runners];
  while (runners.length > 0) {
    const [runner] = runners.splice(chance.under(runners.length), 1);
    if (runner) found.add(runner);
  }
  for (const node of nodes) found.add(node);
  return [...found];
};

/** Different nodes have a fault each, at the same time. */
const onNodes = (stage: FaultStage, chance: Chance, kinds: readonly NodeFault[]): Fault => {
  let chosen: FaultNode[] = [];
  const each = (what: 'begin' | 'end') => async (): Promise<void> => {
    if (what === 'begin') chosen = victims(stage, chance).slice(0, kinds.length);
    await Promise.all(chosen.map((node, index) => kinds[index]?.[what](node)));
  };
  const [kind] = kinds;
  return {
    name: `node ${kinds.map(({ name }) => name).join(', another ')}`,
    spares: kinds.length === 1 && kind ? kind.spares : 'nothing',
    msMin: Math.max(...kinds.map(({ msMin = 0 }) => msMin)),
    ...{ begin: each('begin'), end: each('end') },
  };
};

const rollingRestart = ({ nodes }: FaultStage): Fault => ({
  ...{ name: 'nodes restarted in turn', spares: 'commands' },
  async begin() {
    for (const node of nodes) {
      await node.stop();
      await node.start();
      await until(async () => (await node.unready()) === undefined, 'a new node to be ready');
    }
  },
  end: async () => undefined,
});

const pairsCount = 3;

/** What happens to the nodes of this stage, if there are several. */
const ofNodes = (stage: FaultStage, chance: Chance): Fault[] => {
  if (stage.nodes.length < 2) return [];
  const pairs = Array.from({ length: pairsCount }, () => [
    ...[chance.pick(nodeFaults), chance.pick(nodeFaults)],
  ]);
  const all = [...nodeFaults.map((kind) => [kind]), ...pairs];
  return [...all.map((kinds) => onNodes(stage, chance, kinds)), rollingRestart(stage)];
};

/** Everything that can happen on this stage. */
export const faultsOn = (stage: FaultStage, chance: Chance): Fault[] => [
  ...ofServer(stage, 'mongod'),
  ...ofServer(stage, 'nats'),
  ...(stage.smallDisk === undefined ? [] : [fullDisk(stage, stage.smallDisk)]),
  ...ofNodes(stage, chance),
];

/** The faults in an order of their own, again and again. */
export function* shuffled(faults: readonly Fault[], chance: Chance): Generator<Fault> {
  for (;;) {
    const left = [...faults];
    while (left.length > 0) yield* left.splice(chance.under(left.length), 1);
  }
}
