import {
  type Bus,
  type NodeService,
  type Nodes,
  type PlacementStore,
  RequestFailure,
  type StoredPlacement,
} from '../../../src/engine/nodes.ts';
import { clearTimeout, setTimeout } from '../../../src/runtime/timers.ts';

type Listener = {
  readonly at: MemoryNode;
  readonly topic: string;
  readonly handler: (message: unknown) => void;
};
type Responder = {
  readonly at: MemoryNode;
  readonly handler: (message: unknown) => Promise<unknown>;
};

/** The ports as one node has them, and what can happen to its connection. */
export type MemoryNode = Nodes & {
  /** Whether nothing that it sends arrives, and nothing arrives there. */
  isCut: boolean;
};

/** The ports that nodes share, in memory: each node connects by itself. Messages arrive in later microtasks. */
export const memoryNodes = () => {
  const listeners = new Set<Listener>();
  const responders = new Map<string, Responder>();
  let stored: StoredPlacement = { table: undefined, revision: 0 };
  const copy = (message: unknown): unknown => JSON.parse(JSON.stringify(message));
  const never = new Promise<never>(() => undefined);

  const inTime = (answer: Promise<unknown>, ms: number): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const expire = (): void => reject(new RequestFailure('no answer', { reason: 'unknown' }));
      const timer = setTimeout(expire, ms).unref();
      answer.then(resolve, reject).finally(() => clearTimeout(timer));
    });

  const connect = (): MemoryNode => {
    const unlessCut = async (): Promise<void> => {
      await Promise.resolve();
      if (me.isCut) throw new Error('the connection is cut');
    };
    const ask = async ({ node, service }: NodeService, message: unknown): Promise<unknown> => {
      const responder = responders.get(`${node}.${service}`);
      if (me.isCut) return never;
      if (!responder || responder.at.isCut)
        throw new RequestFailure(`no ${service} at ${node}`, { reason: 'absent' });
      const answer = await responder.handler(copy(message));
      return me.isCut || responder.at.isCut ? never : copy(answer ?? null);
    };
    const bus: Bus = {
      publish(topic, message) {
        if (me.isCut) return;
        const sent = copy(message);
        for (const listener of listeners) {
          if (listener.topic !== topic) continue;
          queueMicrotask(() => !listener.at.isCut && listener.handler(sent));
        }
      },
      subscribe(topic, handler) {
        const listener = { at: me, topic, handler };
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
      request: (to, message, timeoutMs) => inTime(ask(to, message), timeoutMs),
      respond({ node, service }, handler) {
        const name = `${node}.${service}`;
        responders.set(name, { at: me, handler });
        return () => void responders.delete(name);
      },
    };
    const placement: PlacementStore = {
      async read() {
        await unlessCut();
        return stored;
      },
      async write(table, revision) {
        await unlessCut();
        if (revision !== stored.revision) return undefined;
        stored = { table, revision: revision + 1 };
        return stored.revision;
      },
    };
    const me: MemoryNode = { bus, placement, isCut: false };
    return me;
  };
  return { connect, stored: () => stored };
};
