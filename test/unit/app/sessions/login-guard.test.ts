import fc from 'fast-check';
import { expect, it, onTestFinished, test, vi } from 'vitest';
import { limits } from '../../../../src/app/limits/limits.ts';
import type { Refused } from '../../../../src/app/refusals.ts';
import type { Attempt } from '../../../../src/app/sessions/login-failures.ts';
import { type GuardNodes, LoginGuard } from '../../../../src/app/sessions/login-guard.ts';
import { memoryNodes } from '../../../contract/doubles/memory-nodes.ts';

const parameters = { seed: 20_261_130, numRuns: 60, verbose: 1 } as const;
const law = `password attempts, seed ${parameters.seed}`;
const now = (): number => Date.now();
const askMs = 3000;

/** Nodes in virtual time, of which each counts the attempts at some names. */
const stage = (count = 3) => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const network = memoryNodes();
  /** The node of each name, if there is one. */
  const owners = new Map<string, string | undefined>();
  const join = (me: string, ownerOf: GuardNodes['ownerOf'] = (name) => owners.get(name)) => {
    const ports = network.connect();
    const service = 'logins';
    const mine: GuardNodes = {
      me,
      ownerOf,
      request: (node, message) => ports.bus.request({ node, service }, message, askMs),
      respond: (handler) => void ports.bus.respond({ node: me, service }, handler),
    };
    return { me, ports, guard: new LoginGuard(now, mine) };
  };
  const nodes = Array.from({ length: count }, (_, each) => join(`n${each}`));
  return { owners, nodes, join, bus: network.connect().bus };
};

type Outcome = 'right' | 'wrong' | 'unchecked';

/** Lets attempts be admitted at once, settles them, and says what became of each. */
const attempt = async (attempts: readonly [LoginGuard, Attempt][], outcome: Outcome = 'wrong') => {
  const began = Date.now();
  const admitted = attempts.map(async ([guard, each]) => {
    try {
      const settle = await guard.admit(each);
      const isDelayed = Date.now() - began >= limits.loginDelayMs;
      return { answer: isDelayed ? 'delayed' : 'admitted', settle };
    } catch (error) {
      const { code, retryAfter } = (error as Refused).problem;
      expect(retryAfter).toBeGreaterThan(0);
      return { answer: code, settle: () => undefined };
    }
  });
  await vi.advanceTimersByTimeAsync(Math.max(askMs, limits.loginDelayMs));
  const answers = await Promise.all(admitted);
  for (const { settle } of answers) settle(outcome);
  await vi.advanceTimersByTimeAsync(0);
  return answers.map(({ answer }) => answer);
};

const ada = { name: 'ada', client: '10.0.0.1' };
const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));
const countOf = (answers: readonly string[], answer: string): number =>
  answers.filter((each) => each === answer).length;

test('attempts under way together are as many as one after the other [W16]', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const guard = new LoginGuard(now);
  const answers = await attempt(times(30, () => [guard, ada]));
  expect(countOf(answers, 'admitted')).toBe(limits.loginFailuresBurst);
  expect(countOf(answers, 'rate-limited')).toBe(10);
});

test('right passwords, and those that were not checked, count nowhere [W16]', async () => {
  const { owners, nodes } = stage();
  owners.set('ada', 'n0');
  const guards = nodes.map(({ guard }): [LoginGuard, Attempt] => [guard, ada]);
  for (let round = 0; round < 20; round++) {
    const outcome = round % 2 ? 'right' : 'unchecked';
    expect(await attempt(guards, outcome)).toEqual(['admitted', 'admitted', 'admitted']);
  }
});

test('an address where the right password was entered is known at every node [W16]', async () => {
  const { owners, nodes } = stage();
  owners.set('ada', 'n1');
  const [here, , there] = nodes.map(({ guard }) => guard);
  if (!(here && there)) throw new Error('there are three nodes');
  await attempt([[here, ada]], 'right');
  const strangers = times(limits.nameFailuresBurst, (each): [LoginGuard, Attempt] => [
    each % 2 ? here : there,
    { name: 'ada', client: `10.1.0.${each}` },
  ]);
  expect(countOf(await attempt(strangers), 'admitted')).toBe(limits.nameFailuresBurst);
  expect(await attempt([[there, { name: 'ada', client: '10.2.0.1' }]])).toEqual(['delayed']);
  expect(await attempt([[there, ada]])).toEqual(['admitted']);
  const device = { name: 'ada', client: '10.2.0.2', device: 'a phone' };
  expect(await attempt([[there, device]])).toEqual(['admitted']);
});

const places = fc
  .record({
    name: fc.constantFrom('ada', 'bob'),
    client: fc.integer({ min: 1, max: 8 }).map((each) => `10.0.0.${each}`),
    device: fc.option(fc.constantFrom('phone', 'laptop'), { nil: undefined, freq: 4 }),
  })
  .map(
    ({ name, client, device }): Attempt =>
      // A device is known for one name.
      device === undefined ? { name, client } : { name, client, device: `${device} of ${name}` },
  );

const round = fc.record({
  /** The places from which passwords are tried, each so many times at once at such nodes. */
  tries: fc.array(fc.tuple(places, fc.array(fc.nat({ max: 2 }), { maxLength: 25 })), {
    maxLength: 8,
  }),
  outcome: fc.constantFrom<Outcome>('wrong', 'wrong', 'wrong', 'right', 'unchecked'),
  pauseMs: fc.nat({ max: 90_000 }),
});

it(`${law}: several nodes admit, delay and refuse as many as a single one [W16]`, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(round, { maxLength: 10 }), async (rounds) => {
      const { owners, nodes } = stage();
      const alone = new LoginGuard(now);
      owners.set('ada', 'n0').set('bob', 'n2');
      for (const { tries, outcome, pauseMs } of rounds) {
        const all = tries.flatMap(([place, at]) => at.map((node) => [place, node] as const));
        const answers = await attempt(
          [
            ...all.map(([place, node]): [LoginGuard, Attempt] => [
              nodes[node]?.guard ?? alone,
              place,
            ]),
            ...all.map(([place]): [LoginGuard, Attempt] => [alone, place]),
          ],
          outcome,
        );
        const [together, single] = [answers.slice(0, all.length), answers.slice(all.length)];
        expect(together.toSorted()).toEqual(single.toSorted());
        await vi.advanceTimersByTimeAsync(pauseMs);
      }
    }),
    parameters,
  );
});

const disturbance = fc.constantFrom('none', 'cut', 'cut meanwhile', 'crash', 'no owner');

/** Three nodes, and a further one that counts the attempts at a name, until it is replaced. */
const lives = () => {
  const { owners, nodes, join } = stage();
  let count = 0;
  const begin = () => {
    const owner = join(`owner ${count++}`);
    owners.set('ada', owner.me);
    return { owner, since: now(), admitted: 0 };
  };
  let life = begin();

  /** Tries a password at these nodes at once, while something happens to one of them, or to the counting one. */
  const tryAt = async (at: readonly number[], happens: string, which: number): Promise<void> => {
    const all = [...nodes, life.owner];
    const { ports } = all[which] ?? life.owner;
    if (happens === 'crash') life.owner.ports.isCut = true;
    if (happens === 'cut') ports.isCut = true;
    if (happens === 'no owner') owners.set('ada', undefined);
    const trying = attempt(at.map((node) => [(nodes[node] ?? life.owner).guard, ada]));
    if (happens === 'cut meanwhile') ports.isCut = true;
    const answers = await trying;
    life.admitted += countOf(answers, 'admitted') + countOf(answers, 'delayed');
    ports.isCut = false;
    owners.set('ada', life.owner.me);
    const more = Math.floor((now() - life.since) / limits.loginFailureEveryMs);
    expect(life.admitted).toBeLessThanOrEqual(limits.loginFailuresBurst + more);
    if (happens !== 'crash' && happens !== 'no owner') return;
    expect(answers).toEqual(at.map(() => 'unavailable'));
    if (happens === 'crash') life = begin();
  };
  return { tryAt };
};

it(`${law}: lost messages and crashes admit no more than a single node does in each life of the one that counts [W16]`, async () => {
  const tries = fc.array(fc.nat({ max: 2 }), { maxLength: 40 });
  const step = fc.tuple(tries, disturbance, fc.nat({ max: 3 }), fc.nat({ max: 90_000 }));
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const { tryAt } = lives();
      for (const [at, happens, which, pauseMs] of steps) {
        await tryAt(at, happens, which);
        await vi.advanceTimersByTimeAsync(pauseMs);
      }
    }),
    parameters,
  );
});

test('a node that does not count a name any more answers nothing, and nobody is admitted', async () => {
  const { owners, nodes, join } = stage(1);
  join('former', () => 'n0');
  const guard = nodes[0]?.guard as LoginGuard;
  owners.set('ada', 'former');
  expect(await attempt([[guard, ada]])).toEqual(['unavailable']);
  owners.set('ada', 'n0');
  expect(await attempt([[guard, ada]])).toEqual(['admitted']);
});

test('requests that no node sends are answered with nothing', async () => {
  const { owners, bus } = stage();
  owners.set('ada', 'n0');
  const attempts = [
    null,
    5,
    'ada',
    {},
    { name: 'ada' },
    { ...ada, name: 5 },
    { ...ada, device: 5 },
  ];
  for (const message of [null, 'x', {}, ...attempts.map((each) => ({ attempt: each }))]) {
    expect(await bus.request({ node: 'n0', service: 'logins' }, message, askMs)).toBeNull();
  }
});
