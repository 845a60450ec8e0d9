import { expect, it, vi } from 'vitest';
import { gate, runnerStage, stream, watched } from '../../../support/fixtures/runner-stage.ts';
import { posted } from '../../../support/generators/chatter.ts';

const stage = runnerStage();

it('resolves at once when it is applied, and not before', async () => {
  const shut = gate();
  const runner = await stage.start({ store: watched(stage.store, () => shut.opened) });
  const { seq } = stage.log.record(stream, [posted(0)]);
  let done = false;
  const waiting = runner.whenApplied({ partition: 0, seq }, 1_000).then(() => {
    done = true;
  });
  await vi.advanceTimersByTimeAsync(500);
  expect(done).toBe(false);
  shut.open();
  await waiting;
  expect(runner.applied(0)).toBe(seq);
  expect(runner.whenApplied({ partition: 0, seq }, 1_000)).toBe(
    runner.whenApplied({ partition: 0, seq: 0 }, 1_000),
  );
  expect(vi.getTimerCount()).toBe(0);
});

it('rejects with a TimeoutError after its time', async () => {
  const runner = await stage.start();
  const waiting = runner.whenApplied({ partition: 0, seq: 5 }, 2_000);
  const failed = expect(waiting).rejects.toMatchObject({ name: 'TimeoutError' });
  await vi.advanceTimersByTimeAsync(2_000);
  await failed;
  await expect(waiting).rejects.toBeInstanceOf(DOMException);
});

it('serves those who wait for different places each at its own', async () => {
  const runner = await stage.start();
  const order: number[] = [];
  const waits = [3, 1, 2].map((seq) =>
    runner.whenApplied({ partition: 0, seq }, 1_000).then(() => order.push(seq)),
  );
  for (let i = 0; i < 3; i++) {
    stage.log.record(stream, [posted(i)]);
    await runner.caughtUp();
  }
  await Promise.all(waits);
  expect(order).toEqual([1, 2, 3]);
});

it('rejects those who wait for a runner that stops, and those who come later', async () => {
  const runner = await stage.start();
  const waiting = expect(runner.whenApplied({ partition: 0, seq: 9 }, 1_000)).rejects.toThrow(
    'the runner was stopped',
  );
  await runner.stop();
  await waiting;
  await expect(runner.whenApplied({ partition: 0, seq: 9 }, 1_000)).rejects.toThrow();
  expect(runner.progress()).toMatchObject([{ state: 'stopped' }]);
});

it('refuses a partition that does not exist', async () => {
  const runner = await stage.start();
  expect(() => runner.applied(4)).toThrow(RangeError);
});
