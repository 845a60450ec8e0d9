import type { CircleId, StreamId, UserId } from './ids.ts';

/**
 * The name of one event stream, and the tail of its NATS subject: `user.<id>`, `circle.<id>`,
 * `stream.<circle>.<stream>`, `name.<folded name>` or `connection.<user>`. A plain string, so that it is
 * a key of a `Map` as it is.
 */
export type Aggregate = string & { readonly __brand: 'Aggregate' };

/** What an aggregate is; decides which rules own it. */
export type AggregateKind = 'user' | 'circle' | 'stream' | 'name' | 'connection';

/** The parts of an aggregate's name. `key` is what its partition is computed from. */
export type AggregateParts =
  | { readonly kind: 'user'; readonly key: string; readonly user: UserId }
  | { readonly kind: 'circle'; readonly key: string; readonly circle: CircleId }
  | {
      readonly kind: 'stream';
      readonly key: string;
      readonly circle: CircleId;
      readonly stream: StreamId;
    }
  | { readonly kind: 'name'; readonly key: string; readonly name: string }
  | { readonly kind: 'connection'; readonly key: string; readonly user: UserId };

export const userAggregate = (user: UserId): Aggregate => `user.${user}` as Aggregate;

export const circleAggregate = (circle: CircleId): Aggregate => `circle.${circle}` as Aggregate;

export const streamAggregate = (circle: CircleId, stream: StreamId): Aggregate =>
  `stream.${circle}.${stream}` as Aggregate;

/** The claim on a username. Escaped, since dots separate a subject's tokens and `*` is a wildcard. */
export const nameAggregate = (folded: string): Aggregate =>
  `name.${encodeURIComponent(folded).replaceAll('.', '%2E').replaceAll('*', '%2A')}` as Aggregate;

/** The key of the look of a username, from its digest. It is claimed like a name, and no username has such a key. */
export const skeletonKey = (digest: string): string => `~${digest}`;

/** Whether the key of a name's aggregate is that of a look. */
export const isSkeletonKey = (name: string): boolean => name.startsWith('~');

export const connectionAggregate = (user: UserId): Aggregate => `connection.${user}` as Aggregate;

/** The kind of an aggregate, without taking its name apart. */
export const kindOf = (aggregate: Aggregate): AggregateKind =>
  aggregate.slice(0, aggregate.indexOf('.')) as AggregateKind;

/** Takes an aggregate's name apart; throws on a name that no function of this file has made. */
export const partsOf = (aggregate: Aggregate): AggregateParts => {
  const [kind, first = '', second = ''] = aggregate.split('.');
  if (first === '') throw new Error(`not the name of an aggregate: ${aggregate}`);
  switch (kind) {
    case 'user':
    case 'connection':
      return { kind, key: first, user: first as UserId };
    case 'circle':
      return { kind, key: first, circle: first as CircleId };
    case 'stream':
      return { kind, key: first, circle: first as CircleId, stream: second as StreamId };
    case 'name': {
      const name = decodeURIComponent(first);
      return { kind, key: name, name };
    }
    default:
      throw new Error(`not the name of an aggregate: ${aggregate}`);
  }
};

/**
 * The partition of an aggregate, 0 … partitions-1: FNV-1a (32 bits) of its key. A stream lives in its
 * circle's partition, so one sequence orders a circle's events against its streams'.
 */
export const partitionOf = (aggregate: Aggregate, partitions: number): number => {
  if (partitions === 1) return 0;
  const start = aggregate.indexOf('.') + 1;
  const dot = aggregate.indexOf('.', start);
  const end = dot < 0 ? aggregate.length : dot;
  let hash = 0x811c9dc5;
  for (let at = start; at < end; at++) {
    hash = Math.imul(hash ^ aggregate.charCodeAt(at), 0x01000193);
  }
  return (hash >>> 0) % partitions;
};
