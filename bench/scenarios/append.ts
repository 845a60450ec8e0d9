import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { open } from 'lmdb';
import { type Aggregate, streamAggregate } from '../../src/events/aggregate.ts';
import { encode } from '../../src/events/codec.ts';
import type { Commit } from '../../src/events/commit.ts';
import { type CircleId, type StreamId, uuid7 } from '../../src/events/ids.ts';
import { event } from '../../src/events/kinds/kinds.ts';
import { emptyTail, type Tail } from '../../src/events/log.ts';
import { type Figure, figure, textOf } from '../stage/figures.ts';
import { openLog } from '../stage/log.ts';
import type { Place } from '../stage/oshi.ts';

const seconds = 4;
const widths = [1, 100, 1000];

const commitAfter = (tail: Tail): Commit => ({
  id: randomUUID(),
  n: tail.n + 1,
  prev: tail.hash,
  term: 1,
  events: [
    {
      ...event('message-posted', {
        id: uuid7(),
        m: tail.n + 1,
        text: textOf(tail.n),
        mentions: [],
      }),
      at: Date.now(),
      by: 'somebody',
    },
  ],
});

/** Keeps `width` appends in flight for a while, each to an aggregate of its own; how many a second. */
const rateOf = async (
  width: number,
  append: (lane: number) => Promise<unknown>,
): Promise<number> => {
  const until = performance.now() + seconds * 1000;
  const begun = performance.now();
  let done = 0;
  const lane = async (at: number): Promise<void> => {
    while (performance.now() < until) {
      await append(at);
      done++;
    }
  };
  await Promise.all(Array.from({ length: width }, (_, at) => lane(at)));
  return done / ((performance.now() - begun) / 1000);
};

/** The same bytes into a bare LMDB file, each put acknowledged when it is flushed. */
const bareLmdb = async (place: Place): Promise<Figure[]> => {
  const path = join(place.dataDir, 'bare');
  await mkdir(path, { recursive: true });
  const database = open<Buffer, number>({ path: join(path, 'bare.mdb'), encoding: 'binary' });
  const bytes = encode(commitAfter(emptyTail));
  let key = 0;
  const figures: Figure[] = [];
  for (const width of widths) {
    const rate = await rateOf(width, async () => {
      await database.put(key++, bytes);
      await database.flushed;
    });
    figures.push(figure(`bare LMDB, ${width} in flight`, rate, '/s'));
  }
  await database.close();
  return figures;
};

/** Durable appends a second, one event each, with 1, 100 and 1,000 aggregates in flight. */
export const append = async (place: Place): Promise<Figure[]> => {
  const { log, close } = await openLog(place);
  const circle = uuid7() as CircleId;
  const aggregates = Array.from({ length: 1000 }, () =>
    streamAggregate(circle, uuid7() as StreamId),
  );
  const tails = new Map<Aggregate, Tail>();
  const figures: Figure[] = [];
  for (const width of widths) {
    const rate = await rateOf(width, async (at) => {
      const aggregate = aggregates[at];
      if (!aggregate) return;
      const tail = tails.get(aggregate) ?? emptyTail;
      tails.set(aggregate, await log.append(aggregate, commitAfter(tail), tail));
    });
    figures.push(figure(`durable appends, ${width} in flight`, rate, '/s'));
  }
  await close();
  return place.engine === 'embedded' ? [...figures, ...(await bareLmdb(place))] : figures;
};
