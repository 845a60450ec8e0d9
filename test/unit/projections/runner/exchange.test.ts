import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import type { Projection } from '../../../../src/projections/projection.ts';
import type { Runner } from '../../../../src/projections/runner/following.ts';
import { startRunner } from '../../../../src/projections/runner/runner.ts';
import { type MemoryLog, memoryLog } from '../../../contract/doubles/memory-log.ts';
import { type MemoryStore, memoryStore } from '../../../contract/doubles/memory-store.ts';
import { runnerStage, s, stream } from '../../../support/fixtures/runner-stage.ts';
import {
  counts,
  edited,
  posted,
  streamNumber,
  texts,
} from '../../../support/generators/chatter.ts';

const stage = runnerStage();
const fresh = 'counts_v1_r1';

/** Fills the new collection as far as the log goes. */
const fill = async (): Promise<void> => {
  const filling = await stage.start({ projections: [counts], collectionOf: () => fresh });
  await filling.caughtUp();
  await filling.stop();
};

it('an exchange switches when both stand at the same place, and leaves the old one out', async () => {
  stage.log.record(stream, [posted(0)]);
  await fill();
  const runner = await stage.start();
  stage.log.record(stream, [posted(1)]);
  await runner.caughtUp();
  let switched = 0;
  await runner.exchange(counts, { from: 'counts_v1', to: fresh }, () => {
    switched += 1;
    expect(stage.store.contents(fresh)).toEqual(stage.store.contents('counts_v1'));
  });
  expect(switched).toBe(1);
  stage.log.record(stream, [posted(2)]);
  await runner.caughtUp();
  expect(stage.store.contents(fresh)[s]).toMatchObject({ posted: 3 });
  expect(stage.store.contents('counts_v1')[s]).toMatchObject({ posted: 2 });
  expect(stage.store.contents('texts_v1')).not.toEqual({});
});

it('an exchange one after the other, there and back', async () => {
  const runner = await stage.start();
  stage.log.record(stream, [posted(0)]);
  const order: string[] = [];
  await Promise.all([
    runner.exchange(counts, { from: 'counts_v1', to: fresh }, () => order.push('there')),
    runner.exchange(counts, { from: fresh, to: 'counts_v1' }, () => order.push('and back')),
    runner.exchange(texts, { from: 'texts_v1', to: 'texts_v1_r1' }, () => order.push('the other')),
  ]);
  expect(order).toEqual(['there', 'and back', 'the other']);
  stage.log.record(stream, [posted(1)]);
  await runner.caughtUp();
  expect(stage.store.contents('counts_v1')[s]).toMatchObject({ posted: 2 });
  expect(Object.keys(stage.store.contents('texts_v1_r1'))).toHaveLength(2);
});

it('an exchange of one that has stopped brings it back', async () => {
  const broken: Projection = {
    ...counts,
    on: {
      'message-edited': () => {
        throw new Error('a fault');
      },
    },
  };
  stage.log.record(stream, [posted(0), edited(0, 'x')]);
  await fill();
  const runner = await stage.start({ projections: [texts, broken], onError: () => {} });
  await runner.caughtUp();
  expect(runner.failures().size).toBe(1);
  await runner.exchange(counts, { from: 'counts_v1', to: fresh }, () => {});
  expect(runner.failures().size).toBe(0);
  stage.log.record(stream, [posted(1), edited(0, 'y')]);
  await runner.caughtUp();
  expect(stage.store.contents(fresh)[s]).toMatchObject({ posted: 2 });
});

it('an exchange is given up when the new one fails, and what was read is read further', async () => {
  const runner = await stage.start();
  stage.log.record(stream, [posted(0)]);
  const broken: Projection = {
    ...counts,
    on: {
      'message-posted': () => {
        throw new Error('a fault');
      },
    },
  };
  const onSwitch = vi.fn();
  await expect(runner.exchange(broken, { from: 'counts_v1', to: fresh }, onSwitch)).rejects.toThrow(
    fresh,
  );
  expect(onSwitch).not.toHaveBeenCalled();
  stage.log.record(stream, [posted(1)]);
  await runner.caughtUp();
  expect(stage.store.contents('counts_v1')[s]).toMatchObject({ posted: 2 });
  await runner.exchange(counts, { from: 'counts_v1', to: fresh }, onSwitch);
  expect(stage.store.contents(fresh)[s]).toMatchObject({ posted: 2 });
});

it('an exchange is refused with itself, and ends with the runner', async () => {
  const runner = await stage.start();
  const same = runner.exchange(counts, { from: 'counts_v1', to: 'counts_v1' }, () => {});
  await expect(same).rejects.toThrow('counts_v1 is followed already');
  await runner.stop();
  await expect(runner.exchange(counts, { from: 'counts_v1', to: fresh }, () => {})).rejects.toThrow(
    'the runner was stopped',
  );
});

const parameters = { seed: 20_261_125, numRuns: 50, verbose: 1 } as const;
const partitions = 2;
const law = `law of exchange, seed ${parameters.seed}`;

const onePass = async (log: MemoryLog): Promise<MemoryStore> => {
  const store = memoryStore();
  const runner = await startRunner({ log, store, projections: [texts, counts] });
  await runner.caughtUp();
  await runner.stop();
  return store;
};

/** A store each of whose steps takes some turns of the microtask queue. */
const slowly = (delays: readonly number[]): MemoryStore => {
  let turn = 0;
  return memoryStore(async () => {
    for (let left = delays[turn++ % delays.length] ?? 0; left > 0; left--) await Promise.resolve();
  });
};

/** Somebody who reads the counts, and never wants to see less than before. */
const reader = (store: MemoryStore, runner: Runner) => {
  let most: Record<string, number> = {};
  let applied: readonly number[] = [0, 0];
  const me = {
    collection: 'counts_v1',
    look(): void {
      const rows = Object.values(store.contents(me.collection));
      const now = Object.fromEntries(rows.map((row) => [row._id, row.posted as number]));
      for (const [id, count] of Object.entries(most))
        expect(now[id] ?? 0).toBeGreaterThanOrEqual(count);
      most = now;
      const places = [0, 1].map((partition) => runner.applied(partition));
      for (const [at, place] of places.entries())
        expect(place).toBeGreaterThanOrEqual(applied[at] ?? 0);
      applied = places;
    },
  };
  return me;
};

/** Lets everybody go on by one turn of the microtask queue after each step. */
const playing = async (steps: number, play: (step: number) => void): Promise<void> => {
  for (let step = 0; step < steps; step++) {
    play(step);
    await Promise.resolve();
  }
};

/** Two runners on a store: one that is read, and one that fills the new collection with what there is. */
const scene = async (history: readonly number[], delays: readonly number[]) => {
  const log = memoryLog({ partitions });
  const store = slowly(delays);
  let written = 0;
  const write = (which: number): void => {
    log.record(streamNumber(which), [posted(written++)]);
  };
  for (const which of history) write(which);
  const parts = { log, store, collectMs: 0 };
  const runner = await startRunner({ ...parts, projections: [texts, counts] });
  const filler = await startRunner({
    ...parts,
    projections: [counts],
    collectionOf: () => fresh,
  });
  await filler.caughtUp();
  return { log, store, write, runner, filler };
};

const settings = fc.record({
  filled: fc.nat(20),
  /** Whether the new one is still filled by another runner meanwhile. */
  isFilledOn: fc.boolean(),
  begin: fc.nat(30),
  delays: fc.array(fc.nat(6), { minLength: 1, maxLength: 20 }),
});
const histories = fc.array(fc.integer({ min: 1, max: 4 }), {
  minLength: 2,
  maxLength: 40,
  size: 'max',
});

it(`${law}: readers never see less than before, and the new one is what the old one was`, () =>
  fc.assert(
    fc.asyncProperty(histories, settings, async (history, setting) => {
      const { filled, isFilledOn, begin, delays } = setting;
      const on = await scene(history.slice(0, filled), delays);
      const { log, store, runner, filler } = on;
      if (!isFilledOn) await filler.stop();
      const reading = reader(store, runner);
      const { look } = reading;
      const rest = history.slice(filled);
      let exchanging: Promise<void> = Promise.resolve();
      const onSwitch = (): void => {
        look();
        if (!isFilledOn) expect(store.contents(fresh)).toEqual(store.contents('counts_v1'));
        reading.collection = fresh;
      };
      await playing(begin + rest.length * 3 + 1, (step) => {
        if (step === begin)
          exchanging = runner.exchange(counts, { from: 'counts_v1', to: fresh }, onSwitch);
        if (step % 3 === 0) rest.splice(0, 1).forEach(on.write);
        look();
      });
      rest.forEach(on.write);
      await Promise.all([exchanging, runner.caughtUp()]);
      look();
      await Promise.all([runner.stop(), filler.stop()]);
      const whole = await onePass(log);
      expect(store.contents(fresh)).toEqual(whole.contents('counts_v1'));
      expect(store.contents('texts_v1')).toEqual(whole.contents('texts_v1'));
    }),
    parameters,
  ));
