import { isKnown } from '../../events/codec.ts';
import type { LogInfo, Recorded } from '../../events/log.ts';
import { formatPosition } from '../../events/position.ts';
import type { Context, External, Sink, SinkEvent } from '../projection.ts';
import { batchFrom } from './batch-range.ts';
import { contextCache } from './context.ts';
import type { Plan } from './plan.ts';
import type { Target } from './target.ts';

/** An external projection as a target; it is opened when the runner starts. */
export const sinkTarget = ({ kinds, open }: External, info: LogInfo): Target => {
  const selected = kinds && new Set<string>(kinds);
  const contextOf = contextCache();
  let opening: Promise<Sink> | undefined;
  const opened = (): Promise<Sink> => {
    const { incarnation, partitions } = info;
    const sink = opening ?? open({ incarnation, partitions });
    opening = sink;
    sink.catch(() => {
      if (opening === sink) opening = undefined;
    });
    return sink;
  };
  return {
    async prepare() {
      await opened();
    },
    async checkpoint(_, partition) {
      return (await opened()).position(partition);
    },
    batch(records, start, plan) {
      const range = batchFrom(records, start, plan);
      const taken = records.slice(start, range.next);
      const events = eventsOf(taken, { plan, selected, contextOf });
      const { partition, from } = plan;
      const { to } = range;
      return {
        ...range,
        async store() {
          await (await opened()).store({ partition, from, to, events });
        },
      };
    },
    async close() {
      const sink = await opening?.catch(() => undefined);
      await sink?.close?.();
    },
  };
};

type Reading = {
  readonly plan: Plan;
  readonly selected: ReadonlySet<string> | undefined;
  readonly contextOf: (aggregate: Recorded['aggregate']) => Context;
};

/** The events for the sink; those that this version does not know are left out. */
const eventsOf = (
  records: readonly Recorded[],
  { plan, selected, contextOf }: Reading,
): SinkEvent[] => {
  const events: SinkEvent[] = [];
  for (const { aggregate, commit, seq } of records) {
    if (seq <= plan.from) continue;
    for (const [index, event] of commit.events.entries()) {
      if (!isKnown(event) || (selected && !selected.has(event.k))) continue;
      const position = formatPosition({ partition: plan.partition, seq });
      const where = contextOf(aggregate);
      events.push({ ...event, n: commit.n + index, seq, index, position, where } as SinkEvent);
    }
  }
  return events;
};
