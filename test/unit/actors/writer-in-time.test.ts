import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { refusedForNow } from '../../../src/actors/decision.ts';
import { limits } from '../../../src/actors/limits.ts';
import { handLog } from '../../contract/doubles/hand-log.ts';
import { memoryLog } from '../../contract/doubles/memory-log.ts';
import { say, tallied, tallyWriter } from '../../support/checkers/tally.ts';
import { actorsStage, commands } from '../../support/fixtures/actors-stage.ts';
import { circle, owner } from '../../support/fixtures/circle-past.ts';
import { readAll } from '../../support/fixtures/log-fixtures.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

test('a command whose commit is not acknowledged in time is unavailable; a repeat finds it [W8]', async () => {
  const { log, next } = handLog();
  const writer = tallyWriter(log);
  const asked = writer.ask(say(1));
  const append = await next();
  await vi.advanceTimersByTimeAsync(limits.answerMs);
  expect(await asked).toEqual(refusedForNow);
  const again = writer.ask(say(1));
  await append.succeed();
  expect(await again).toMatchObject({ answer: 1, repeated: true });
  expect(await readAll(log, tallied)).toHaveLength(1);
});

test('a command that was answered before it could be decided is dropped', async () => {
  const { log, next } = handLog();
  const writer = tallyWriter(log);
  void writer.ask(say(1));
  const append = await next();
  const waiting = writer.ask(say(2));
  await vi.advanceTimersByTimeAsync(limits.answerMs);
  expect(await waiting).toEqual(refusedForNow);
  const third = writer.ask(say(3));
  await append.succeed();
  await (await next()).succeed();
  expect(await third).toMatchObject({ answer: 2 });
  expect(writer.idle).toBe(true);
  expect(await readAll(log, tallied)).toHaveLength(2);
});

test('nothing is decided while the log cannot say what became of a commit, however long [W8]', async () => {
  const hand = handLog();
  const writer = tallyWriter(hand.log);
  await writer.load();
  hand.beforeRead = () => Promise.reject(new Error('away'));
  const first = writer.ask(say(1));
  await (await hand.next()).fail('unknown', 'written');
  const second = writer.ask(say(2));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(await Promise.all([first, second])).toEqual([refusedForNow, refusedForNow]);
  expect(hand.appends).toHaveLength(1);
  hand.beforeRead = async () => {};
  const again = writer.ask(say(1));
  await vi.advanceTimersByTimeAsync(2_000);
  expect(await again).toMatchObject({ answer: 1, repeated: true });
});

test('an actor that cannot be loaded answers in time, and goes on loading', async () => {
  const log = memoryLog();
  const { actors } = actorsStage(log);
  await actors.askCircle(circle, commands.create());
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const slow = {
    ...log,
    async *read(...args: Parameters<typeof log.read>) {
      await opened;
      yield* log.read(...args);
    },
  };
  const { actors: others } = actorsStage(slow);
  const asked = [
    others.askStream(commands.post(owner, 1)),
    others.accessOf(owner, circle).catch((error: Error) => error.name),
    others.profileOf(owner).catch((error: Error) => error.name),
  ];
  await vi.advanceTimersByTimeAsync(limits.answerMs);
  expect(await Promise.all(asked)).toEqual([refusedForNow, 'LogUnavailable', 'LogUnavailable']);
  open();
  expect((await others.accessOf(owner, circle)).refusal).toBeUndefined();
});
