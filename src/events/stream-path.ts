import { type Aggregate, partsOf } from './aggregate.ts';
import type { CircleId, StreamId } from './ids.ts';

/** A stream as clients and read models name it: `<circle>/<stream>`, two UUIDs. */
export type StreamPath = `${string}/${string}`;

export const formatStreamPath = (circle: string, stream: string): StreamPath =>
  `${circle}/${stream}`;

/** The circle and the stream of a path. The path must be valid: schemas check it where it enters. */
export const parseStreamPath = (path: string): { circle: CircleId; stream: StreamId } => ({
  circle: path.slice(0, 36) as CircleId,
  stream: path.slice(37) as StreamId,
});

/** The path of a stream's aggregate; undefined for other aggregates. */
export const streamPathOf = (aggregate: Aggregate): StreamPath | undefined => {
  const parts = partsOf(aggregate);
  return parts.kind === 'stream' ? formatStreamPath(parts.circle, parts.stream) : undefined;
};
