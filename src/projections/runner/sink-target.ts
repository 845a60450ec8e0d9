import { isKnown } from '../../events/codec.ts';
import type { LogInfo, Recorded } from '../../events/log.ts';
import { formatPosition } from '../../events/position.ts';
import type { Context, External, Sink, SinkEvent } from '../projection.ts';
import { batchFrom } from './batch-range.ts';
import { contextCache } from './context.ts';
import type { Plan } from './plan.ts';
import type { Target } from './target.ts';

/** What an external projection brings, as a target; it is opened when the following begins. */
export const sinkTarget = ({ kinds, open }: External, info: LogInfo): Target => {
  const wanted = kinds && new Set<string>(kinds);
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
    batch(records, start, course) {
      const stretch = batchFrom(records, start, course);
      const taken = records.slice(start, stretch.next);
      const events = eventsOf(taken, { course, wanted, contextOf });
      const { partition, from } = course;
      const { to } = stretch;
      return {
        ...stretch,
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
  readonly course: Plan;
  readonly wanted: ReadonlySet<string> | undefined;
  readonly contextOf: (aggregate: Recorded['aggregate']) => Context;
};

/** What is handed to the sink; what this version does not know is not. */
const eventsOf = (
  records: readonly Recorded[],
  { course, wanted, contextOf }: Reading,
): SinkEvent[] => {
  const events: SinkEvent[] = [];
  for (const { aggregate, commit, seq } of records) {
    if (seq <= course.from) continue;
    for (const [index, event] of commit.events.entries()) {
      if (!isKnown(event) || (wanted && !wanted.has(event.k))) continue;
      const position = formatPosition({ partition: course.partition, seq });
      const where = contextOf(aggregate);
      events.push({ ...event, n: commit.n + index, seq, index, position, where } as SinkEvent);
    }
  }
  return events;
};
