import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  applyDesiredStates,
  desiredState,
  type Wanted,
} from '../../../../src/store/state/desired-states.ts';
import { memoryStore } from '../../../contract/doubles/memory-store.ts';

beforeEach(() => void vi.useFakeTimers({ now: 1_000 }));
afterEach(() => void vi.useRealTimers());

const stage = () => {
  const store = memoryStore();
  const heeded: Wanted[] = [];
  const errors: Error[] = [];
  const make = (wanted: Wanted) => desiredState(store).make('p', { wanted, at: Date.now() });
  const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
  const heed = (onDesired: (wanted: Wanted) => Promise<void> | void = (w) => void heeded.push(w)) =>
    applyDesiredStates({ store, name: 'p', onDesired, onError: (error) => errors.push(error) });
  return { store, heeded, errors, make, pass, heed };
};

describe('wishes', () => {
  test('each is heeded once, within a second', async () => {
    const { heed, heeded, make, pass } = stage();
    const stop = heed();
    await pass(0);
    for (const wanted of ['stopped', 'running', 'running'] as const) {
      await make(wanted);
      await pass(1_000);
    }
    await pass(5_000);
    expect(heeded).toEqual(['stopped', 'running', 'running']);
    stop();
    await make('stopped');
    await pass(5_000);
    expect(heeded).toHaveLength(3);
  });

  test.each([
    ['stopped', ['stopped'], true],
    ['running', [], true],
    ['detached', [], false],
  ] as const)('of what was wanted before it began, %s: %j', async (wanted, expected, isKept) => {
    const { heed, heeded, make, pass, store } = stage();
    await make(wanted);
    await pass(10);
    heed();
    await pass(2_000);
    expect(heeded).toEqual(expected);
    expect((await desiredState(store).get('p')) !== undefined).toBe(isKept);
  });
});

describe('wishes that take long or fail', () => {
  test('one that is detached is forgotten when it is done', async () => {
    const { heed, make, pass, store } = stage();
    let done = (): void => {};
    heed(
      () =>
        new Promise<void>((resolve) => {
          done = resolve;
        }),
    );
    await pass(0);
    await make('detached');
    await pass(1_000);
    expect(await desiredState(store).get('p')).toBeDefined();
    done();
    await pass(0);
    expect(await desiredState(store).get('p')).toBeUndefined();
  });

  test('what cannot be done is told once, and the next wish is heeded', async () => {
    const { heed, heeded, errors, make, pass, store } = stage();
    heed((wanted) => {
      if (wanted === 'running') throw new Error('no such file');
      heeded.push(wanted);
    });
    await pass(0);
    await make('running');
    await pass(5_000);
    expect(errors.map(({ message, cause }) => [message, (cause as Error).message])).toEqual([
      ['projection p is not running: no such file', 'no such file'],
    ]);
    expect(await desiredState(store).get('p')).toMatchObject({ refused: 'no such file' });
    await make('stopped');
    await pass(1_000);
    expect(heeded).toEqual(['stopped']);
  });

  test('a store that is away is looked at again', async () => {
    const { heed, heeded, make, pass, store } = stage();
    heed();
    await pass(0);
    await make('stopped');
    vi.spyOn(store, 'get').mockRejectedValueOnce(new Error('away'));
    await pass(1_000);
    expect(heeded).toEqual([]);
    await pass(1_000);
    expect(heeded).toEqual(['stopped']);
  });
});
