import fc from 'fast-check';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { LoggedEvent } from '../../../src/events/commit.ts';
import { Unavailable } from '../../../src/projections/projection.ts';
import type { Following } from '../../../src/projections/runner/following.ts';
import { startExternal } from '../../../src/projections/runner/runner.ts';
import { type MemoryLog, memoryLog } from '../../contract/doubles/memory-log.ts';
import { externalCounter, type Kept, nothingKept } from '../../support/doubles/external-counter.ts';
import { s, stream } from '../../support/fixtures/runner-stage.ts';
import { edited, posted, streamNumber } from '../../support/generators/chatter.ts';

const running: Following[] = [];
let log: MemoryLog;
let kept: Kept;

const start = async (
  counter: Parameters<typeof externalCounter>[0] = { kept },
  more: Parameters<typeof externalCounter>[1] = {},
  options: Partial<Parameters<typeof startExternal>[0]> = {},
): Promise<Following> => {
  const external = externalCounter(counter, more);
  const following = await startExternal({ log, external, collectMs: 0, ...options });
  running.push(following);
  return following;
};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  log = memoryLog();
  kept = nothingKept();
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((following) => following.stop()));
  vi.useRealTimers();
});

it('an external projection gets what was there before and what comes after, with where it happened, and is closed once', async () => {
  log.record(stream, [posted(0), posted(1)]);
  const following = await start();
  await following.caughtUp();
  log.record(stream, [edited(0, 'x')]);
  await following.caughtUp();
  const [{ events: [, second] = [] } = {}] = kept.batches;
  expect(second).toMatchObject({
    k: 'message-posted',
    n: 2,
    seq: 1,
    index: 1,
    position: '0:1',
    d: { m: 2, text: 'hello' },
    where: { aggregate: stream, s },
  });
  expect(kept.stored.get(0)).toEqual([`0:1 ${stream} 1`, `0:1 ${stream} 2`, `0:2 ${stream} 3`]);
  await following.stop();
  await following.stop();
  expect(kept).toMatchObject({ opened: 1, closed: 1 });
});

it('an external projection gets only the kinds that it asked for, and none that this version does not know; its place moves on', async () => {
  const unknown = { ...posted(7), k: 'message-sung' } as unknown as LoggedEvent;
  log.record(stream, [posted(0), edited(0, 'x'), unknown]);
  log.record(stream, [posted(1)]);
  const following = await start({ kept }, { kinds: ['message-edited'] });
  await following.caughtUp();
  expect(kept.stored.get(0)).toEqual([`0:1 ${stream} 2`]);
  expect(kept.places.get(0)).toBe(2);
});

it('an external projection is opened with the log, and again while what it needs is away', async () => {
  let attempts = 0;
  const open = externalCounter({ kept }).open;
  const opening = start(
    { kept },
    {
      async open(info) {
        expect(info).toEqual({ incarnation: 'memory', partitions: 1 });
        if (attempts++ < 3) throw new Unavailable('no database');
        return open(info);
      },
    },
  );
  const following = await opening;
  log.record(stream, [posted(0)]);
  expect(following.progress()).toMatchObject([{ error: { message: 'no database' } }]);
  const caughtUp = following.caughtUp();
  await vi.advanceTimersByTimeAsync(5_000);
  await caughtUp;
  expect(kept.stored.get(0)).toHaveLength(1);
  expect(following.progress()[0]).not.toHaveProperty('error');
});

it('an external projection is tried again, by Unavailable of another copy of the class', async () => {
  class Other extends Error {
    override readonly name = 'Unavailable';
  }
  let away = true;
  const before = (): void => {
    if (away) throw new Other('away');
  };
  const following = await start({ kept, before });
  log.record(stream, [posted(0)]);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(following.progress()).toMatchObject([{ error: { message: 'away' } }]);
  away = false;
  const caughtUp = following.caughtUp();
  await vi.advanceTimersByTimeAsync(10_000);
  await caughtUp;
});

it('an external projection stops at anything else that it throws', async () => {
  const errors: Error[] = [];
  const before = (): void => {
    throw new RangeError('no such column');
  };
  const following = await start({ kept, before }, {}, { onError: (error) => errors.push(error) });
  log.record(stream, [posted(0)]);
  await expect(following.caughtUp()).rejects.toThrow('no such column');
  expect(errors).toHaveLength(1);
  expect(errors[0]?.message).toMatch(/counter_v1 .*cannot be stored: no such column; fix it/);
  expect(following.failures().get('counter')).toMatchObject({ message: errors[0]?.message });
  expect(following.progress()).toMatchObject([{ state: 'failed' }]);
});

it('an external projection that cannot be opened for good says so', async () => {
  const errors: Error[] = [];
  const open = async (): Promise<never> => {
    throw new Error('no such role');
  };
  await start({ kept }, { open }, { onError: (error) => errors.push(error) });
  await vi.advanceTimersByTimeAsync(0);
  expect(errors).toMatchObject([{ message: 'no such role' }]);
});

it('an external projection refuses rows that are ahead of the log', async () => {
  kept.places.set(0, 12);
  const following = await start();
  await following.stop();
  expect(following.progress()).toMatchObject([{ state: 'failed' }]);
});

const parameters = { seed: 20_261_125, numRuns: 100, verbose: 1 } as const;
const partitions = 2;

type Mood = 'before' | 'after' | 'slow' | 'fine';
type Life = { isOver: boolean };

/** Projections that share their rows: away at times, and whoever is killed does nothing any more, wherever it was. */
const moody = (rows: Kept, moods: readonly Mood[]) => {
  let calls = 0;
  return (life: Life) => {
    let mood: Mood = 'fine';
    const goOn = async (): Promise<void> => {
      if (life.isOver) await new Promise<never>(() => {});
    };
    return externalCounter({
      kept: rows,
      async before() {
        mood = moods[calls++ % moods.length] ?? 'fine';
        if (mood === 'slow') for (let i = 0; i < 5; i++) await Promise.resolve();
        await goOn();
        if (mood === 'before' && calls % 2 === 0) throw new Unavailable('away');
      },
      async after() {
        await goOn();
        if (mood === 'after') throw new Unavailable('the answer is lost');
      },
    });
  };
};

/** What it should have, in order. */
const linesOf = async (whole: MemoryLog, partition: number): Promise<string[]> => {
  const lines: string[] = [];
  for await (const records of whole.scan(partition)) {
    for (const { seq, aggregate, commit } of records) {
      for (const index of commit.events.keys())
        lines.push(`${partition}:${seq} ${aggregate} ${commit.n + index}`);
    }
  }
  return lines;
};

/** Lets it go on for some turns of the microtask queue, and writes at every third. */
const goingOn = async (steps: number, write: () => void): Promise<void> => {
  for (let step = 0; step < steps; step++) {
    if (step % 3 === 0) write();
    if (step % 10 === 0) await vi.advanceTimersByTimeAsync(50);
    await Promise.resolve();
  }
};

const histories = fc.array(
  fc.record({ which: fc.integer({ min: 1, max: 4 }), events: fc.integer({ min: 1, max: 3 }) }),
  { minLength: 1, maxLength: 40, size: 'max' },
);
const cutsOfAll = fc.array(fc.record({ steps: fc.nat(40), isKilled: fc.boolean() }), {
  maxLength: 5,
});
const moodsOfAll = fc.array(fc.constantFrom<Mood>('before', 'after', 'slow', 'fine'), {
  minLength: 1,
  maxLength: 20,
});

it(`law of sinks, seed ${parameters.seed}: killed, away and replayed anywhere, it has each event once and in order`, () =>
  fc.assert(
    fc.asyncProperty(histories, cutsOfAll, moodsOfAll, async (history, cuts, moods) => {
      const whole = memoryLog({ partitions });
      const rows = nothingKept();
      const counter = moody(rows, moods);
      const begin = (life: Life): Promise<Following> =>
        startExternal({ log: whole, external: counter(life), collectMs: 0 });
      const writing = [...history];
      const write = (): void => {
        for (const { which, events } of writing.splice(0, 1)) {
          const posts = Array.from({ length: events }, (_, index) => posted(index));
          whole.record(streamNumber(which), posts);
        }
      };
      const alive: Following[] = [];
      for (const { steps, isKilled } of cuts) {
        const life = { isOver: false };
        const following = await begin(life);
        await goingOn(steps, write);
        // One that was not killed is at work still when the next one comes.
        life.isOver = isKilled;
        if (!isKilled) alive.push(following);
      }
      while (writing.length > 0) write();
      const last = await begin({ isOver: false });
      const caughtUp = last.caughtUp();
      await vi.advanceTimersByTimeAsync(600_000);
      await caughtUp;
      await Promise.all([last, ...alive].map((following) => following.stop()));
      for (let partition = 0; partition < partitions; partition++)
        expect(rows.stored.get(partition) ?? []).toEqual(await linesOf(whole, partition));
    }),
    parameters,
  ));
