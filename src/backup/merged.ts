import { decode } from '../events/codec.ts';
import type { RawCommit, RawLog } from '../events/raw-log.ts';

/** A commit of a log with its partition, decoded as far as its order needs. */
export type MergedCommit = RawCommit & {
  readonly partition: number;
  /** The number of its first event. */
  readonly n: number;
  /** The highest number of a message that it posts; 0 if it posts none. */
  readonly m: number;
};

type Head = { readonly commit: MergedCommit; readonly at: number };

async function* decoded(log: RawLog, partition: number, upTo: number): AsyncGenerator<Head> {
  for await (const batch of log.scan(partition, { after: 0, upTo })) {
    for (const raw of batch) {
      const { n, events } = decode(raw.bytes);
      let at = 0;
      let m = 0;
      for (const event of events) {
        at = Math.max(at, event.at);
        if (event.k === 'message-posted') m = Math.max(m, event.d.m);
      }
      yield { commit: { ...raw, partition, n, m }, at };
    }
  }
}

/**
 * All commits up to these positions: each partition in its order, and several by the time of their events, so that
 * what followed from an event of another partition comes after it.
 */
export async function* merged(
  log: RawLog,
  positions: readonly number[],
): AsyncGenerator<MergedCommit> {
  const sources = positions.map((upTo, partition) => decoded(log, partition, upTo));
  const heads = await Promise.all(sources.map((source) => source.next()));
  for (;;) {
    let first = -1;
    for (const [index, head] of heads.entries()) {
      const best = heads[first];
      if (!head.done && (!best || best.done || head.value.at < best.value.at)) first = index;
    }
    const head = heads[first];
    const source = sources[first];
    if (!head || head.done || !source) return;
    yield head.value.commit;
    heads[first] = await source.next();
  }
}
