import fc from 'fast-check';
import { expect, it, test } from 'vitest';
import { limits } from '../../../../src/app/limits/limits.ts';
import { type Answered, Overload } from '../../../../src/app/limits/overload.ts';

const parameters = { seed: 20_261_130, numRuns: 60, verbose: 1 } as const;
const law = `overload, seed ${parameters.seed}`;

const stage = (random = () => 0.5) => {
  const time = { ms: 10_000, worked: 0 };
  const overload = new Overload({ now: () => time.ms, worked: () => time.worked, random });
  const waiting: Answered[] = [];
  /** Sends commands of a user; gives how many were accepted. */
  const send = (user: string, times: number): number => {
    let accepted = 0;
    for (let more = 0; more < times; more++) {
      const admitted = overload.admit(user);
      if (typeof admitted !== 'function') continue;
      waiting.push(admitted);
      accepted++;
    }
    return accepted;
  };
  const answer = (times: number): void => {
    for (const answered of waiting.splice(0, times)) answered();
  };
  /** Time passes, of which the event loop works a part. */
  const pass = (ms: number, part = 1): void => {
    time.ms += ms;
    time.worked += ms * part;
  };
  return { overload, time, waiting, send, answer, pass };
};

type Stage = ReturnType<typeof stage>;

/** A server that does so many commands a second, in the order of their arrival, in steps of 10 ms. */
const serve = (
  { answer, pass }: Stage,
  { perSecond, ms }: { readonly perSecond: number; readonly ms: number },
  step: () => void,
): void => {
  for (let passed = 0; passed < ms; passed += 10) {
    step();
    pass(10);
    answer(perSecond / 100);
  }
};

test('nothing is refused while answers come in time, however many are in flight', () => {
  const { overload, send, answer, pass } = stage();
  for (let round = 0; round < 50; round++) {
    expect(send('ada', 1000)).toBe(1000);
    pass(limits.overloadMs - 1);
    answer(1000);
  }
  expect([overload.refusals, overload.bound]).toEqual([0, undefined]);
});

test('while the event loop has time, answers may take as long as the log takes', () => {
  const { overload, send, answer, pass } = stage();
  for (let round = 0; round < 20; round++) {
    send('ada', 500);
    pass(limits.logLagMs - 1, 0.5);
    answer(500);
  }
  expect(overload.bound).toBeUndefined();
  for (let round = 0; round < 2; round++) {
    send('ada', 500);
    pass(limits.logLagMs + 1, 0.5);
    answer(500);
  }
  expect(overload.bound).toBeDefined();
});

test('a log that does not answer is noticed when the next command comes', () => {
  const { overload, send, pass } = stage();
  send('ada', limits.inFlightMin);
  pass(limits.logLagMs + 1, 0);
  expect(send('ada', 1)).toBe(0);
  expect(overload.bound).toBe(limits.inFlightMin);
});

test('a refusal is unavailable, with a time to retry that is spread', () => {
  for (const chance of [0, 0.5, 0.999]) {
    const { overload, send, pass } = stage(() => chance);
    send('ada', limits.inFlightMin);
    pass(limits.logLagMs + 1, 0);
    const refusal = overload.admit('ada');
    const retryAfter = Math.round(limits.overloadRetryMs * (0.5 + chance));
    expect(refusal).toMatchObject({ code: 'unavailable', retryAfter });
    expect(overload.refusals).toBe(1);
  }
});

test('no more than a fixed number is ever in flight', () => {
  const { send } = stage();
  expect(send('ada', limits.inFlightMax + 100)).toBe(limits.inFlightMax);
});

test('a second after the last refusal nothing is bounded any more', () => {
  const played = stage();
  const { overload, send } = played;
  serve(played, { perSecond: 1000, ms: 3000 }, () => send('ada', 30));
  expect(overload.bound).toBeDefined();
  serve(played, { perSecond: 1000, ms: 3000 }, () => send('ada', 1));
  expect(overload.bound).toBeUndefined();
});

test('an overload is over a second after it, although no command comes any more', () => {
  const { overload, send, answer, pass } = stage();
  send('ada', limits.inFlightMin);
  pass(limits.logLagMs + 1, 0);
  send('ada', 1);
  expect(overload.bound).toBeDefined();
  answer(limits.inFlightMin);
  pass(200, 0);
  expect(overload.bound).toBeDefined();
  pass(2000, 0);
  expect(overload.bound).toBeUndefined();
});

test('what is refused at once, as beyond its rate, hides neither late answers nor that there are none', () => {
  for (const answers of [400, 0]) {
    const { overload, send, answer, pass } = stage();
    for (let round = 0; round < 20; round++) {
      send('ada', 400);
      pass(limits.overloadMs + 1);
      answer(answers);
      for (let more = 0; more < 600; more++) {
        const answered = overload.admit('bob');
        if (typeof answered === 'function') answered();
      }
    }
    expect(overload.bound).toBeDefined();
  }
});

test('run executes what is admitted, counts it until it has settled, and throws what is refused', async () => {
  const { overload, send, pass } = stage();
  const running = overload.run('ada', async () => 1);
  const failing = overload.run('ada', () => Promise.reject(new Error('no')));
  expect(overload.inFlight).toBe(2);
  await expect(running).resolves.toBe(1);
  await expect(failing).rejects.toThrow('no');
  expect(overload.inFlight).toBe(0);
  pass(1000);
  send('ada', 0);
  send('ada', limits.inFlightMin);
  pass(limits.logLagMs + 1, 0);
  await expect(overload.run('ada', async () => 1)).rejects.toMatchObject({
    problem: { code: 'unavailable' },
  });
});

it(`${law}: whatever is offered beyond it, a server does what it can, answers in time, and refuses the flooders`, () =>
  fc.assert(
    fc.property(
      fc.integer({ min: 20, max: 60 }),
      fc.integer({ min: 15, max: 100 }),
      fc.integer({ min: 1, max: 50 }),
      (hundreds, tenths, flooders) => {
        const perSecond = hundreds * 100;
        const played = stage();
        const { overload, send, time, waiting } = played;
        const offered = Math.ceil((perSecond * tenths) / 10 / 100);
        let [step, idle, refusedOthers, longest] = [0, 0, 0, 0];
        let isSettled = false;
        const go = (): void => {
          for (let more = 0; more < offered; more++) send(`flooder ${(step + more) % flooders}`, 1);
          // One who posts once a second.
          if (step++ % 100 === 0 && send('ada', 1) === 0) refusedOthers++;
          if (!isSettled) return;
          if (waiting.length < perSecond / 100) idle++;
          longest = Math.max(longest, (waiting.length / perSecond) * 1000);
        };
        serve(played, { perSecond, ms: 2000 }, go);
        isSettled = true;
        serve(played, { perSecond, ms: 6000 }, go);
        expect({ idle, refusedOthers }).toEqual({ idle: 0, refusedOthers: 0 });
        const least = (limits.inFlightMin / perSecond) * 1000;
        expect(longest).toBeLessThan(2.5 * Math.max(limits.overloadMs, least));
        expect(overload.refusals).toBeGreaterThan(0);
        expect(time.ms).toBe(18_000);
      },
    ),
    parameters,
  ));
