import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { circleRules } from '../../../../src/actors/circle/rules.ts';
import { type CircleState, noCircle } from '../../../../src/actors/circle/state.ts';
import { SavedState } from '../../../../src/actors/saved-state.ts';
import { circleAggregate } from '../../../../src/events/aggregate.ts';
import type { CircleId } from '../../../../src/events/ids.ts';
import { emptyTail } from '../../../../src/events/log.ts';
import { snapshotState, snapshots } from '../../../../src/store/state/snapshots.ts';
import { type MemoryStore, memoryStore } from '../../../contract/doubles/memory-store.ts';
import { numbered } from '../../../support/generators/chatter.ts';

const aggregate = circleAggregate(numbered(1) as CircleId);
const tail = { ...emptyTail, n: 1 };
const fail = (error: Error): void => {
  throw error;
};

/** A circle on a store, with what it has written. */
const stage = (store: MemoryStore = memoryStore()) => {
  const written = { documents: 0, bytes: 0, largest: 0 };
  const counting: MemoryStore = {
    ...store,
    put: async (collection, document) => {
      const size = JSON.stringify(document).length;
      written.documents++;
      written.bytes += size;
      written.largest = Math.max(written.largest, size);
      await store.put(collection, document);
    },
  };
  const open = (incarnation = 'a', onError = fail) =>
    new SavedState({
      ...{ aggregate, rules: circleRules },
      snapshots: snapshotState(counting, { incarnation, onError }),
    });
  return { store, written, open };
};

const circleOf = (size: number) => {
  const state = noCircle();
  for (let count = 0; count < size; count++) state.members.add(numbered(count));
  return state;
};

const members = async (saved: SavedState<CircleState>) => {
  const { state } = (await saved.load()) ?? {};
  return state && [...state.members];
};

/** What it takes to save a circle of so many members again and again, while others join or come and go. */
const costOf = async (size: number, rounds: number, change: 'join' | 'churn') => {
  const { written, open } = stage();
  const saved = open();
  const state = circleOf(size);
  await saved.save({ state, keys: [], tail });
  Object.assign(written, { documents: 0, bytes: 0, largest: 0 });
  const each = 5000;
  for (let round = 0; round < rounds; round++) {
    for (let count = 0; count < each; count++) {
      const user = numbered(1_000_000 + (change === 'join' ? round * each : 0) + (count >> 1));
      if (change === 'join') state.members.add(numbered(1_000_000 + round * each + count));
      else if (count % 2 === 0) state.members.add(user);
      else state.members.delete(user);
    }
    await saved.save({ state, keys: [], tail });
  }
  expect(await members(open())).toEqual([...state.members]);
  return { ...written, perEvent: written.bytes / (rounds * each) };
};

describe('a snapshot of a circle', () => {
  test('costs the same for 100 members as for 300,000, while users join', async () => {
    const [small, large] = [await costOf(100, 4, 'join'), await costOf(300_000, 4, 'join')];
    expect(large.perEvent).toBeLessThan(2 * small.perEvent);
    expect(large.documents).toBeLessThan(2 * small.documents);
    expect(large.largest).toBeLessThan(16_384);
  });

  test('costs no more than twice what has changed, while members of 300,000 come and go', async () => {
    const { perEvent, largest } = await costOf(300_000, 70, 'churn');
    expect(perEvent).toBeLessThan(2 * (numbered(1).length + 4));
    expect(largest).toBeLessThan(16_384);
  });

  test('costs two small documents when one has joined 300,000', async () => {
    const { written, open } = stage();
    const saved = open();
    const state = circleOf(300_000);
    await saved.save({ state, keys: [], tail });
    Object.assign(written, { documents: 0, bytes: 0 });
    state.members.add(numbered(300_000));
    await saved.save({ state, keys: [], tail });
    expect(written.documents).toBe(2);
    expect(written.bytes).toBeLessThan(16_384);
    expect((await members(open()))?.length).toBe(300_001);
  });

  test('leaves nothing of an earlier list behind', async () => {
    const { store, open } = stage();
    const saved = open();
    const state = circleOf(20_000);
    await saved.save({ state, keys: [], tail });
    expect(Object.keys(store.contents(snapshots.name)).length).toBeGreaterThan(50);
    state.members.clear();
    await saved.save({ state, keys: [], tail });
    expect(Object.keys(store.contents(snapshots.name))).toEqual([aggregate]);
    expect(await members(open())).toEqual([]);
  });

  test('leaves nothing behind of a list that it could not read', async () => {
    for (const size of [300, 0]) {
      const { store, open } = stage();
      const saved = open();
      const state = circleOf(20_000);
      await saved.save({ state, keys: [], tail });
      const other = open('b');
      expect(await members(other)).toBeUndefined();
      await other.save({ state: circleOf(size), keys: [], tail });
      expect(Object.keys(store.contents(snapshots.name))).toHaveLength(1 + Math.ceil(size / 256));
      expect((await members(open('b')))?.length).toBe(size);
    }
  });

  test('is kept until the one that replaces it is complete, although it could not be read', async () => {
    const left = { writes: Number.POSITIVE_INFINITY };
    const { open } = stage(failing(memoryStore(), left));
    await open().save({ state: circleOf(1000), keys: [], tail });
    left.writes = 2;
    const others = noCircle();
    for (let count = 0; count < 2000; count++) others.members.add(numbered(5000 + count));
    await open('a', () => undefined).save({ state: others, keys: [], tail });
    expect((await members(open()))?.length).toBe(1000);
  });

  test('of another log is ignored', async () => {
    const { open } = stage();
    await open().save({ state: circleOf(300), keys: [], tail });
    expect(await members(open('b'))).toBeUndefined();
  });
});

const parameters = { seed: 20_261_130, numRuns: 60, verbose: 1 } as const;
const law = `snapshots, seed ${parameters.seed}`;

/** A store on which the write that comes after `left` others fails, and all that follow. */
const failing = (store: MemoryStore, left: { writes: number }): MemoryStore => ({
  ...store,
  put: async (collection, document) => {
    if (left.writes-- <= 0) throw new Error('away');
    await store.put(collection, document);
  },
});

/** What one of two writers does: joins and leaves, and a save of which only so many writes succeed. */
const step = fc.record({
  writer: fc.nat(1),
  isRestarted: fc.boolean(),
  joins: fc.nat(700),
  leaves: fc.nat(700),
  writes: fc.constantFrom(0, 1, 2, 3, 4, 5, Number.POSITIVE_INFINITY),
});
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

type Rival = { readonly saved: SavedState<CircleState>; readonly state: CircleState };

/** Two writers of one circle, as when a node does not know yet that it has lost a partition. */
class Rivals {
  readonly #left = { writes: 0 };
  readonly #stage = stage(failing(memoryStore(), this.#left));
  readonly #writers = [this.fresh(), this.fresh()];
  /** The members of all states that were ever to be saved. */
  readonly states = new Set<string>();
  #joined = 9000;

  fresh(saved = this.#stage.open('a', () => undefined)): Rival {
    return { saved, state: circleOf(9000) };
  }

  async #restart(): Promise<Rival> {
    const saved = this.#stage.open('a', () => undefined);
    const loaded = await saved.load();
    return loaded ? { saved, state: loaded.state } : this.fresh(saved);
  }

  /** Lets a writer save; returns what is loaded afterwards. */
  async run({ writer, isRestarted, joins, leaves, writes }: Step): Promise<string | undefined> {
    if (isRestarted) this.#writers[writer] = await this.#restart();
    const { saved, state } = this.#writers[writer] ?? this.fresh();
    for (let count = 0; count < joins; count++) state.members.add(numbered(this.#joined++));
    for (const user of [...state.members].slice(0, leaves)) state.members.delete(user);
    this.#left.writes = writes;
    this.states.add([...state.members].sort().join());
    await saved.save({ state, keys: [], tail });
    return (await members(this.#stage.open()))?.sort().join();
  }
}

it(`${law}: what is loaded was saved, whatever write fails and whoever else writes`, () =>
  fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const rivals = new Rivals();
      for (const each of steps) {
        const loaded = await rivals.run(each);
        if (loaded === undefined) expect(each.writes).toBeLessThan(6);
        else expect(rivals.states.has(loaded)).toBe(true);
      }
    }),
    parameters,
  ));
