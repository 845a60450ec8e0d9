import { type Aggregate, partsOf } from '../../events/aggregate.ts';
import { formatStreamPath } from '../../events/stream-path.ts';
import type { Context } from '../projection.ts';

/** How many contexts are cached; parsing a name costs more than a lookup. */
const contextsMax = 10_000;

/** Returns a function from an aggregate to its context that caches recent ones. */
export const contextCache = (): ((aggregate: Aggregate) => Context) => {
  const known = new Map<Aggregate, Context>();
  return (aggregate) => {
    const found = known.get(aggregate);
    if (found) return found;
    if (known.size >= contextsMax) {
      for (const oldest of known.keys()) {
        known.delete(oldest);
        break;
      }
    }
    const context = contextOf(aggregate);
    known.set(aggregate, context);
    return context;
  };
};

export const contextOf = (aggregate: Aggregate): Context => {
  const parts = partsOf(aggregate);
  switch (parts.kind) {
    case 'user':
    case 'connection':
      return { aggregate, id: parts.user };
    case 'name':
      return { aggregate, id: parts.name };
    case 'circle':
      return { aggregate, id: parts.circle, circle: parts.circle };
    case 'stream': {
      const { circle, stream } = parts;
      return { aggregate, id: stream, circle, s: formatStreamPath(circle, stream) };
    }
  }
};
