import type { KV } from '@nats-io/kv';
import { errors, type Msg, type NatsConnection } from '@nats-io/transport-node';
import {
  type Bus,
  type NodeService,
  type Nodes,
  type PlacementStore,
  type PlacementTable,
  RequestFailure,
} from '../nodes.ts';
import { openBucket, putUnchanged } from './kv-bucket.ts';

export const nodesBucket = 'OSHI_NODES';
const key = 'placement';

export type NatsNodesOptions = {
  readonly bucket?: string;
  /** The first part of all subjects. */
  readonly prefix?: string;
  /** Copies of a new bucket. */
  readonly replicas?: number | undefined;
  readonly onError: (error: Error) => void;
};

/** The bus on core NATS and the placement in a bucket of NATS KV. The connection belongs to the caller. */
export const openNatsNodes = async (
  nc: NatsConnection,
  { bucket = nodesBucket, prefix = 'oshi', replicas, onError }: NatsNodesOptions,
): Promise<Nodes> => {
  void reportForbidden(nc, prefix, onError);
  return {
    bus: natsBus(nc, prefix, onError),
    placement: natsPlacement(await openBucket(nc, bucket, replicas)),
  };
};

/** Reports once what the account may not publish, until the connection is closed: nodes would not find each other. */
const reportForbidden = async (
  nc: NatsConnection,
  prefix: string,
  onError: (error: Error) => void,
): Promise<void> => {
  const all = [`${prefix}.nodes.`, `${prefix}.node.`];
  const reported = new Set<string>();
  for await (const status of nc.status()) {
    const cause = status.type === 'error' ? status.error : undefined;
    if (!(cause instanceof errors.PermissionViolationError)) continue;
    const start = all.find((each) => cause.subject.startsWith(each));
    if (start === undefined || cause.operation !== 'publish' || reported.has(start)) continue;
    reported.add(start);
    const remedy = 'allow it, or this node runs no partition';
    onError(new Error(`the NATS account may not publish to ${start}>: ${remedy}`, { cause }));
  }
};

const natsBus = (nc: NatsConnection, prefix: string, onError: (error: Error) => void): Bus => {
  const topicSubject = (topic: string): string => `${prefix}.nodes.${topic}`;
  const serviceSubject = ({ node, service }: NodeService): string =>
    `${prefix}.node.${node}.${service}`;
  const listen = (subject: string, handle: (message: Msg) => void): (() => void) => {
    const receive = (message: Msg): void => {
      try {
        handle(message);
      } catch (cause) {
        // An exception would end the connection of the client.
        onError(new Error(`a message on ${subject} is not from a node of Oshi`, { cause }));
      }
    };
    const subscription = nc.subscribe(subject, {
      callback: (cause, message) => {
        if (cause) onError(new Error(`cannot subscribe to ${subject}: allow it`, { cause }));
        else receive(message);
      },
    });
    return () => subscription.unsubscribe();
  };
  return {
    publish(topic, message) {
      if (!nc.isClosed()) nc.publish(topicSubject(topic), JSON.stringify(message));
    },
    subscribe: (topic, handler) =>
      listen(topicSubject(topic), (message) => handler(message.json())),
    async request(to, message, timeoutMs) {
      const subject = serviceSubject(to);
      try {
        const answer = await nc.request(subject, JSON.stringify(message), {
          timeout: timeoutMs,
        });
        return answer.json();
      } catch (cause) {
        throw new RequestFailure(`no answer from ${subject}`, { reason: reasonOf(cause), cause });
      }
    },
    respond: (at, handler) =>
      listen(serviceSubject(at), (message) => {
        handler(message.json()).then(
          (answer) => message.respond(JSON.stringify(answer ?? null)),
          (error: unknown) => onError(error as Error),
        );
      }),
  };
};

const reasonOf = (error: unknown): RequestFailure['reason'] =>
  error instanceof errors.RequestError && error.isNoResponders() ? 'absent' : 'unknown';

const natsPlacement = (kv: KV): PlacementStore => ({
  async read() {
    const entry = await kv.get(key);
    if (entry?.operation !== 'PUT') return { table: undefined, revision: entry?.revision ?? 0 };
    return { table: entry.json<PlacementTable>(), revision: entry.revision };
  },
  write: (table, revision) => putUnchanged(kv, { key, text: JSON.stringify(table) }, revision),
});
