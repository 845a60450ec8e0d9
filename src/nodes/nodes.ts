import { hostname } from 'node:os';
import type { Actors } from '../actors/actors.ts';
import type { ActorsPort } from '../actors/port.ts';
import type { NodeInfo, Nodes } from '../engine/nodes.ts';
import { machineOf } from '../runtime/processes.ts';
import { randomId } from '../runtime/random.ts';
import { clearTimeout, setTimeout } from '../runtime/timers.ts';
import { Peers } from './peers.ts';
import { Placement } from './placement.ts';
import { Replication } from './replication.ts';
import { Routing } from './routing.ts';

/** What runs on the node of a partition beside its actors. */
export type Resident = {
  assign(partition: number): void;
  /** Resolves when nothing more of the partition is written. */
  revoke(partition: number): Promise<unknown>;
};

export type MembershipOptions = Nodes & {
  readonly me: NodeInfo;
  /** The actors of this node, to which no partition is assigned yet. */
  readonly actors: Actors;
  readonly partitions: number;
  /** A monotonic clock, in ms. */
  readonly monotonic: () => number;
  readonly onError: (error: Error) => void;
};

/** The part of this process in a cluster of nodes. */
export type Membership = {
  readonly me: NodeInfo;
  /** The actors of all nodes. */
  readonly actors: ActorsPort;
  /** What the nodes know of each other. */
  readonly replication: Pick<Replication, 'delayMs' | 'replicate' | 'send' | 'hear'>;
  /** The nodes that are alive, this one included. */
  nodes(): readonly NodeInfo[];
  /** How many they are. */
  size(): number;
  /** The living node that runs a partition; undefined if there is none, or it cannot be known. */
  ownerOf(partition: number): string | undefined;
  /**
   * Takes over the partitions that no living node runs, and later gets a share of the others. Resolves after the first
   * attempt; rejects if the placement cannot be read.
   */
  start(resident: Resident): Promise<void>;
  /** Has a function called when a partition may have another owner, or the set of nodes has changed. */
  listen(onChange: () => void): void;
  /** Hands all partitions over to the other nodes, which get the calls from then on. Takes 5 s at most, and 1 s if there are no other nodes. */
  leave(): Promise<void>;
  /** Ends it, after `leave`. */
  stop(): void;
};

/** The time for handing over, in ms: the others take over what is left. */
const leaveMsMax = 5000;
/** The same where nobody waits for it, in ms: a stop must not wait longer for servers that are away. */
const leaveAloneMsMax = 1000;

/** What identifies this process among the nodes. */
export const thisNode = (now: () => number): NodeInfo => {
  const machine = machineOf();
  const info = { id: randomId(), host: hostname(), pid: process.pid, since: now() };
  return machine === undefined ? info : { ...info, machine };
};

const nothing = (): void => undefined;

/** The only node: nobody is to know anything of it. */
export const noReplication: Membership['replication'] = {
  delayMs: 0,
  replicate: () => nothing,
  send: nothing,
  hear: nothing,
};

/** The only node: its actors run everything. */
export const soleMembership = (
  me: NodeInfo,
  { actors, partitions }: { readonly actors: ActorsPort; readonly partitions: number },
): Membership => ({
  ...{ me, actors },
  replication: noReplication,
  nodes: () => [me],
  size: () => 1,
  ownerOf: () => me.id,
  async start(resident) {
    for (let partition = 0; partition < partitions; partition++) resident.assign(partition);
  },
  listen: () => undefined,
  leave: async () => undefined,
  stop: nothing,
});

/** Makes this process one of the nodes on the same servers, once it is started. */
export const createMembership = (options: MembershipOptions): Membership => {
  const { me, bus, placement: store, actors, partitions, monotonic, onError } = options;
  let resident: Resident | undefined;
  const listeners: (() => void)[] = [];
  const onChange = (): void => {
    routing.placementChanged();
    for (const listener of listeners) listener();
  };
  const onPeers = (): void => {
    placement.review();
    replication.nodesChanged();
    onChange();
  };
  const peers = new Peers({ bus, me, now: monotonic, onChange: onPeers });
  const others = (): readonly NodeInfo[] => peers.others;
  const replication = new Replication({ bus, me: me.id, others, now: monotonic });
  const placement: Placement = new Placement({
    ...{ me, partitions, bus, store, peers, onError, now: monotonic },
    assign(partition, term) {
      actors.assign(partition, term);
      resident?.assign(partition);
    },
    async revoke(partition) {
      await Promise.all([actors.revoke(partition), resident?.revoke(partition)]);
    },
    onChange,
  });
  const hasEnded = (node: string): boolean =>
    node !== me.id && !peers.others.some(({ id }) => id === node);
  const routing = new Routing({
    ...{ me: me.id, actors, bus, placement, partitions },
    ...{ hasEnded, onError },
  });
  return {
    ...{ me, actors: routing.port, replication },
    nodes: () => [me, ...peers.others],
    size: () => peers.size,
    ownerOf: (partition) => placement.ownerOf(partition),
    listen: (listener) => void listeners.push(listener),
    async start(started) {
      resident = started;
      replication.start();
      peers.start();
      await placement.start();
    },
    async leave() {
      peers.leave();
      placement.review();
      const msMax = peers.others.length > 0 ? leaveMsMax : leaveAloneMsMax;
      await new Promise<void>((resolve) => {
        const late = setTimeout(resolve, msMax).unref();
        void placement.reviewed().then(() => {
          clearTimeout(late);
          resolve();
        });
      });
    },
    stop() {
      placement.stop();
      routing.stop();
      replication.stop();
      peers.stop();
    },
  };
};
