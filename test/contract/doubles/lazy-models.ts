import type { EventLog } from '../../../src/events/log.ts';
import { collectionOf } from '../../../src/projections/projection.ts';
import { builtIn, readModels } from '../../../src/projections/read-models.ts';
import { fillingsOf, translator } from '../../../src/projections/runner/translation.ts';
import { memoryStore } from './memory-store.ts';

/** Read models that show of the first partition what somebody has waited for, and nothing after it. */
export const lazyModels = (log: EventLog) => {
  const store = memoryStore();
  const translate = translator(fillingsOf(builtIn));
  const active = new Set(builtIn.map(collectionOf));
  let applied = 0;
  return {
    models: readModels(store),
    async whenApplied({ seq }: { readonly seq: number }): Promise<void> {
      for await (const records of log.scan(0, { after: applied })) {
        for (let at = 0; at < records.length; ) {
          const course = { partition: 0, from: applied, until: seq, active };
          const { writes, to, next } = translate(records, at, course);
          await store.apply({ projections: [], partition: 0, from: applied, to, writes });
          applied = to;
          at = next > at ? next : records.length;
        }
      }
    },
  };
};
