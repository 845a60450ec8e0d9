import type { CircleId, StreamId, UserId } from './ids.ts';

/**
 * The name of an aggregate, and the last tokens of its NATS subject: `user.<id>`, `circle.<id>`,
 * `stream.<circle>.<stream>`, `name.<folded name>` or `connection.<user>`. A plain string, so that it can be the key
 * of a `Map`.
 */
export type Aggregate = string & { readonly __brand: 'Aggregate' };

/** The kind of an aggregate: decides which rules apply. */
export type AggregateKind = 'user' | 'circle' | 'stream' | 'name' | 'connection';

/** The parts of an aggregate's name. The partition is computed from `key`. */
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

/** The claim on a username. Escaped, because dots separate a subject's tokens and `*` is a wildcard. */
export const nameAggregate = (folded: string): Aggregate =>
  `name.${encodeURIComponent(folded).replaceAll('.', '%2E').replaceAll('*', '%2A')}` as Aggregate;

/**
 * The key of a username's skeleton (what it looks like), from its digest. It is claimed like a name; no username has
 * such a key.
 */
export const skeletonKey = (digest: string): string => `~${digest}`;

/** Whether the key of a name's aggregate is that of a skeleton. */
export const isSkeletonKey = (name: string): boolean => name.startsWith('~');

export const connectionAggregate = (user: UserId): Aggregate => `connection.${user}` as Aggregate;

/** The kind of an aggregate, without parsing all of its name. */
export const kindOf = (aggregate: Aggregate): AggregateKind =>
  aggregate.slice(0, aggregate.indexOf('.')) as AggregateKind;

/** Parses an aggregate's name; throws if no function of this file made it. */
export const partsOf = (aggregate: Aggregate): AggregateParts => {
  const [kind, first = '', second = ''] = aggregate.split('.');
  if (first === '') throw new Error(`invalid aggregate: ${aggregate}`);
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
      throw new Error(`invalid aggregate: ${aggregate}`);
  }
};

/**
 * The partition of an aggregate, 0 … partitions-1: FNV-1a (32 bits) of its key. A stream is in the partition of its
 * circle, so one sequence orders a circle's events with those of its streams.
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
