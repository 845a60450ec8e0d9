import { type Aggregate, partsOf } from './aggregate.ts';

/** The stream of an aggregate as clients name it, `<circle>/<stream>`; undefined if it is no stream. */
export const streamPathOf = (aggregate: Aggregate): string | undefined => {
  const parts = partsOf(aggregate);
  return parts.kind === 'stream' ? `${parts.circle}/${parts.stream}` : undefined;
};
