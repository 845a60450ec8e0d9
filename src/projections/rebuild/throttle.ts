import { seqOfEvent } from '../../events/event-key.ts';
import { sleep } from '../../runtime/timers.ts';
import type { Batch, PlacedWrite, ReadStore } from '../../store/store.ts';

export type Throttle = {
  /** Writes per batch; more only if one commit has more. */
  readonly writesMax: number;
  /** The pause between two batches, in ms, so that other writers of the store get their turn. */
  readonly pauseMs: number;
};

/** The store for a process that fills a collection beside a server: it writes in small batches, with pauses. */
export const throttled = (store: ReadStore, { writesMax, pauseMs }: Throttle): ReadStore => ({
  ...store,
  async apply(batch) {
    for (const part of partsOf(batch, writesMax)) {
      await store.apply(part);
      await sleep(pauseMs);
    }
  },
});

/** The batch in parts of about so many writes, each up to the end of a commit. */
export const partsOf = (batch: Batch, writesMax: number): Batch[] => {
  const portions: Batch[] = [];
  let { from } = batch;
  let writes: PlacedWrite[] = [];
  for (const [at, placed] of batch.writes.entries()) {
    writes.push(placed);
    const next = batch.writes[at + 1];
    const to = seqOfEvent(placed.place);
    if (writes.length < writesMax || !next || seqOfEvent(next.place) === to) continue;
    portions.push({ ...batch, from, to, writes });
    [from, writes] = [to, []];
  }
  return [...portions, { ...batch, from, writes }];
};
