import {
  type Bus,
  type NodeService,
  type PlacementStore,
  RequestFailure,
  type StoredPlacement,
} from '../../src/engine/nodes.ts';
import type { Engine } from '../../src/engine/storage.ts';
import { partitionOf } from '../../src/events/aggregate.ts';
import {
  AppendFailure,
  type EventLog,
  LogUnavailable,
  type Recorded,
} from '../../src/events/log.ts';
import type { Vault } from '../../src/events/vault.ts';
import { type ReadStore, StoreUnavailable } from '../../src/store/store.ts';
import { type MemoryLog, memoryLog } from '../contract/doubles/memory-log.ts';
import { type MemoryStore, memoryStore } from '../contract/doubles/memory-store.ts';
import { memoryVault } from '../contract/doubles/memory-vault.ts';
import { Channel, type Link, type Network } from './link.ts';
import type { Process } from './virtual-machine.ts';

type Listener = {
  readonly topic: string;
  readonly link: Link;
  readonly handler: (message: unknown) => void;
};
type Responder = {
  readonly link: Link;
  readonly handler: (message: unknown) => Promise<unknown>;
};

/** The servers that all nodes share, in memory. */
export class Servers {
  readonly network: Network;
  readonly log: MemoryLog;
  readonly store: MemoryStore;
  readonly vault = memoryVault();
  readonly listeners = new Set<Listener>();
  readonly responders = new Map<string, Responder>();
  placement: StoredPlacement = { table: undefined, revision: 0 };

  constructor(network: Network, partitions: number) {
    this.network = network;
    this.log = memoryLog({ partitions });
    this.store = memoryStore(async () => {
      if (!network.machine.isRunning || !network.happens(2 * network.weather.delays)) return;
      await network.machine.wait(network.delay());
    });
  }
}

/** The connections of a node. */
export type Links = { readonly nats: Link; readonly mongodb: Link };

const unavailable = (): Error => new LogUnavailable('the log cannot be reached');

const logAt = (servers: Servers, link: Link): EventLog => {
  const { log, network } = servers;
  const appends = log.info && new Map<number, Channel>();
  const channelOf = (partition: number): Channel => {
    const channel = appends.get(partition) ?? new Channel(network);
    appends.set(partition, channel);
    return channel;
  };
  const all = async <T>(records: AsyncIterable<T>): Promise<T[]> => {
    const read: T[] = [];
    for await (const each of records) read.push(each);
    return read;
  };
  const call = <T>(run: () => Promise<T>): Promise<T> => link.call(run, unavailable);
  return {
    info: log.info,
    append: (aggregate, commit, after) =>
      link.call(
        () => log.append(aggregate, commit, after),
        (isPerformed) => new AppendFailure(isPerformed ? 'unknown' : 'unavailable', 'no answer'),
        channelOf(partitionOf(aggregate, log.info.partitions)),
      ),
    tail: (aggregate) => call(() => log.tail(aggregate)),
    async *read(aggregate, options) {
      yield* await call(() => all(log.read(aggregate, options)));
    },
    at: (partition, seqs) => call(() => log.at(partition, seqs)),
    async *scan(partition, options) {
      yield* await call(() => all(log.scan(partition, options)));
    },
    async live(partition, handler, { skips = () => false } = {}) {
      // What has failed must not deliver anything.
      await call(async () => undefined);
      return following({ servers, link, partition }, (recorded) => {
        if (!skips(recorded.aggregate, recorded.seq)) handler(recorded);
      });
    },
    head: (partition) => call(() => log.head(partition)),
    close: async () => undefined,
  };
};

type Followed = { readonly servers: Servers; readonly link: Link; readonly partition: number };

/** Delivers a partition in order, and later what was recorded while the connection was cut. */
const following = async (
  { servers, link, partition }: Followed,
  handler: (recorded: Recorded) => void,
) => {
  const { log, network } = servers;
  const pending: Recorded[] = [];
  const channel = new Channel(network);
  let isStopped = false;
  const deliver = (): void => {
    if (link.isCut || isStopped) return;
    for (const recorded of pending.splice(0)) handler(recorded);
  };
  const send = (): void => channel.send(link.process, deliver);
  const { after, stop } = await log.live(partition, (recorded) => {
    pending.push(recorded);
    send();
  });
  const forget = link.whenBack(send);
  return {
    after,
    stop() {
      isStopped = true;
      stop();
      forget();
    },
  };
};

const storeAt = ({ store }: Servers, link: Link): ReadStore => {
  const failure = (): Error => new StoreUnavailable('the store cannot be reached');
  const call = <T>(run: () => Promise<T>): Promise<T> => link.call(run, failure);
  return {
    isAway: () => link.isCut && link.isNoticed,
    hasDates: false,
    prepare: (specs) => call(() => store.prepare(specs)),
    get: (...args) => call(() => store.get(...args)),
    getMany: (...args) => call(() => store.getMany(...args)),
    find: (...args) => call(() => store.find(...args)),
    count: (...args) => call(() => store.count(...args)),
    checkpoint: (...args) => call(() => store.checkpoint(...args)),
    apply: (batch) => call(() => store.apply(batch)),
    update: (...args) => call(() => store.update(...args)),
    upsert: (...args) => call(() => store.upsert(...args)),
    put: (...args) => call(() => store.put(...args)),
    remove: (...args) => call(() => store.remove(...args)),
    drop: (name) => call(() => store.drop(name)),
    close: async () => undefined,
  };
};

const vaultAt = ({ vault }: Servers, link: Link): Vault => {
  const call = <T>(run: () => Promise<T>): Promise<T> => link.call(run, unavailable);
  return {
    get: (key) => call(() => vault.get(key)),
    put: (key, value) => call(() => vault.put(key, value)),
    ensure: (key, value) => call(() => vault.ensure(key, value)),
    destroy: (key) => call(() => vault.destroy(key)),
    close: async () => undefined,
  };
};

const copy = (message: unknown): unknown => JSON.parse(JSON.stringify(message ?? null));

const busAt = ({ network, listeners, responders }: Servers, link: Link): Bus => {
  const { machine } = network;
  /** One for each receiver: the messages of one node arrive there in order. */
  const channels = new Map<Process, Channel>();
  const channelTo = (process: Process): Channel => {
    const channel = channels.get(process) ?? new Channel(network);
    channels.set(process, channel);
    return channel;
  };
  const isLost = (to: Link): boolean =>
    link.isCut || to.isCut || network.happens(network.weather.losses);

  const ask = (
    { node, service }: NodeService,
    message: unknown,
    answer: (answer: unknown) => void,
  ) => {
    const responder = responders.get(`${node}.${service}`);
    const isAbsent = !responder || responder.link.process.isDead;
    if (isAbsent && !link.isCut) {
      const absent = new RequestFailure(`no ${service} at ${node}`, { reason: 'absent' });
      return machine.after(network.delay(), link.process, () => answer(absent));
    }
    if (!responder || isLost(responder.link)) return undefined;
    return channelTo(responder.link.process).send(responder.link.process, () => {
      void responder.handler(message).then((said) => {
        if (isLost(responder.link)) return;
        machine.after(network.delay(), link.process, () => answer(copy(said)));
      });
    });
  };

  return {
    publish(topic, message) {
      const sent = copy(message);
      for (const listener of listeners) {
        if (listener.topic !== topic || isLost(listener.link)) continue;
        channelTo(listener.link.process).send(listener.link.process, () => {
          if (listeners.has(listener) && !listener.link.isCut) listener.handler(sent);
        });
      }
    },
    subscribe(topic, handler) {
      const listener = { topic, link, handler };
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    request: (to, message, timeoutMs) =>
      new Promise((resolve, reject) => {
        const late = machine.after(timeoutMs, link.process, () =>
          reject(new RequestFailure('no answer', { reason: 'unknown' })),
        );
        ask(to, copy(message), (answer) => {
          late.isCancelled = true;
          if (answer instanceof RequestFailure) reject(answer);
          else resolve(answer);
        });
      }),
    respond({ node, service }, handler) {
      const name = `${node}.${service}`;
      const responder = { link, handler };
      responders.set(name, responder);
      return () => {
        if (responders.get(name) === responder) responders.delete(name);
      };
    },
  };
};

const placementAt = (servers: Servers, link: Link): PlacementStore => {
  const call = <T>(run: () => Promise<T>): Promise<T> => link.call(run, unavailable);
  return {
    read: () => call(async () => servers.placement),
    write: (table, revision) =>
      call(async () => {
        if (revision !== servers.placement.revision) return undefined;
        servers.placement = { table, revision: revision + 1 };
        return servers.placement.revision;
      }),
  };
};

/** The ports of a node on the servers that it shares with others. */
export const engineAt = (servers: Servers, { nats, mongodb }: Links): Engine => ({
  name: 'cluster',
  log: logAt(servers, nats),
  connectionLog: memoryLog(),
  store: storeAt(servers, mongodb),
  vault: vaultAt(servers, nats),
  checkpoints: { save: async () => undefined, newest: async () => undefined },
  volumes: [],
  nodes: { bus: busAt(servers, nats), placement: placementAt(servers, nats) },
  answerRequests: async () => undefined,
  close: async () => undefined,
});
