import { expect, test } from 'vitest';
import { type Ending, Supervisor } from '../../../../src/cli/workers/supervisor.ts';
import { aborted, nextIteration } from '../../../../src/runtime/timers.ts';

/** A process that does what the test says. */
const fakeProcess = (worker: number, pid: number) => {
  const signals: string[] = [];
  let listen: (url: string) => void = () => undefined;
  let end: (ending: Ending) => void = () => undefined;
  return {
    ...{ worker, pid, signals },
    listening: new Promise<string>((resolve) => {
      listen = resolve;
    }),
    ended: new Promise<Ending>((resolve) => {
      end = resolve;
    }),
    kill: (signal: string) => void signals.push(signal),
    listens: () => listen('http://here'),
    ends: (code: number | null, signal: string | null = null) => end({ code, signal }),
  };
};

const stage = (count: number) => {
  const forked: ReturnType<typeof fakeProcess>[] = [];
  const pauses: number[] = [];
  const lines: string[] = [];
  const clock = { now: 0, isHeld: false };
  const supervisor = new Supervisor({
    count,
    monotonic: () => clock.now,
    sleep: async (ms, { signal }) => {
      pauses.push(ms);
      if (clock.isHeld && signal) await aborted(signal);
    },
    report: (line) => lines.push(line),
    fork(worker) {
      const made = fakeProcess(worker, 100 + forked.length);
      forked.push(made);
      return made;
    },
  });
  const urls: string[] = [];
  const over = supervisor.run((url) => urls.push(url));
  const newest = () => forked.at(-1) as (typeof forked)[0];
  return { supervisor, forked, newest, pauses, lines, clock, urls, over };
};

/** A stage whose workers all listen. */
const running = async (count: number) => {
  const made = stage(count);
  made.newest().listens();
  await nextIteration();
  for (const each of made.forked) each.listens();
  await nextIteration();
  return made;
};

test('the others are started when the first one listens, and it is said when all do', async () => {
  const { forked, newest, urls } = stage(3);
  await nextIteration();
  expect(forked.map(({ worker }) => worker)).toEqual([1]);
  newest().listens();
  await nextIteration();
  expect(forked.map(({ worker }) => worker)).toEqual([1, 2, 3]);
  forked[1]?.listens();
  await nextIteration();
  expect(urls).toEqual([]);
  newest().listens();
  await nextIteration();
  expect(urls).toEqual(['http://here']);
});

test.each([
  [3, null, 3],
  [null, 'SIGSEGV', 1],
  [null, 'SIGTERM', 1],
])('a first worker that ends before it listens is final: %s, %s', async (code, signal, exit) => {
  const { forked, newest, lines, over } = stage(2);
  newest().ends(code, signal);
  expect(await over).toBe(exit);
  expect([forked.length, lines]).toEqual([1, []]);
});

test('a worker that ends is replaced, and what it was is reported', async () => {
  const { forked, newest, lines, clock } = await running(2);
  clock.now = 100_000;
  forked[0]?.ends(null, 'SIGKILL');
  await nextIteration();
  expect(newest()).toMatchObject({ worker: 1, pid: 102 });
  forked[1]?.ends(0);
  await nextIteration();
  expect(newest()).toMatchObject({ worker: 2, pid: 103 });
  expect(lines).toEqual([
    'worker 1 (process 100) was ended by SIGKILL; it is replaced now',
    'worker 2 (process 101) ended with code 0; it is replaced now',
  ]);
});

test('one that keeps failing is replaced after a growing pause, until it has lasted', async () => {
  const { newest, pauses, lines, clock } = await running(2);
  for (let failure = 0; failure < 8; failure++) {
    newest().ends(1);
    await nextIteration();
  }
  expect(pauses).toEqual([0, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  expect(lines[2]).toBe('worker 2 (process 103) ended with code 1; it is replaced in 2 s');
  clock.now += 60_000;
  newest().ends(1);
  await nextIteration();
  expect(pauses.at(-1)).toBe(0);
});

test('all are asked to stop at once, none is replaced, and their first error is the code', async () => {
  const { supervisor, forked, over } = await running(3);
  supervisor.stop();
  expect(forked.map(({ signals }) => signals)).toEqual([['SIGTERM'], ['SIGTERM'], ['SIGTERM']]);
  forked[0]?.ends(0);
  forked[1]?.ends(null, 'SIGTERM');
  await nextIteration();
  supervisor.kill();
  expect(forked.map(({ signals }) => signals.length)).toEqual([1, 1, 2]);
  forked[2]?.ends(null, 'SIGKILL');
  expect([await over, forked.length]).toEqual([1, 3]);
});

test('a stop while the first one starts, or before a worker is replaced, ends with code 0', async () => {
  const starting = stage(2);
  starting.supervisor.stop();
  starting.newest().ends(null, 'SIGTERM');
  expect(await starting.over).toBe(0);
  const late = stage(2);
  late.supervisor.stop();
  late.newest().listens();
  await nextIteration();
  late.newest().ends(0);
  expect([await late.over, late.forked.length, late.urls]).toEqual([0, 1, []]);
  const { supervisor, forked, newest, clock, over } = await running(2);
  clock.isHeld = true;
  newest().ends(1);
  await nextIteration();
  supervisor.stop();
  forked[0]?.ends(0);
  expect([await over, forked.length]).toEqual([0, 2]);
});
