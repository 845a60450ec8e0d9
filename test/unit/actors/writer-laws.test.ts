import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isRefusal } from '../../../src/actors/decision.ts';
import type { Outcome } from '../../../src/actors/outcome.ts';
import type { Snapshots } from '../../../src/actors/snapshots.ts';
import type { LoggedEvent } from '../../../src/events/commit.ts';
import type { UserId } from '../../../src/events/ids.ts';
import { AppendFailure, type AppendFailureReason, type EventLog } from '../../../src/events/log.ts';
import { type MemoryLog, memoryLog } from '../../contract/doubles/memory-log.ts';
import {
  deny,
  memorySnapshots,
  open,
  say,
  type TallyCommand,
  type TallyWriter,
  tallied,
  tallyWriter,
} from '../../support/checkers/tally.ts';
import { settle } from '../../support/doubles/virtual-time.ts';
import { readAll } from '../../support/fixtures/log-fixtures.ts';
import { numbered, stamped } from '../../support/generators/chatter.ts';

const parameters = { seed: 20_261_125, numRuns: 300, verbose: 1 } as const;
const law = `writer, seed ${parameters.seed}`;

type Fate = AppendFailureReason | 'lost' | 'fine';
type Happening = 'wait' | 'turn' | 'restart' | 'crash' | 'rival';
type Step = TallyCommand | Happening | { readonly fate: Fate };

const rival = { ...stamped('stream-opened', {}), at: -1, by: numbered(9) } as LoggedEvent;

const keys = fc.integer({ min: 20, max: 23 });
const step = fc.oneof(
  { weight: 6, arbitrary: fc.nat(7).map((id): Step => say(id)) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 3 }).map((times): Step => open(times)) },
  {
    weight: 3,
    arbitrary: keys.map((key): Step => open(2, { key: numbered(key), sum: `sum ${key}` })),
  },
  { weight: 1, arbitrary: fc.constant<Step>(deny) },
  { weight: 3, arbitrary: fc.constantFrom<Step>('wait', 'turn', 'restart', 'crash', 'rival') },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom<Fate>('conflict', 'full', 'unavailable', 'unknown', 'lost', 'fine')
      .map((fate): Step => ({ fate })),
  },
);

/** A log that does to each append what comes next: `unknown` loses the answer, `lost` the commit and the answer. */
const troubled = (memory: MemoryLog, fates: Fate[]): EventLog => ({
  ...memory,
  async append(aggregate, commit, after) {
    const fate = fates.shift() ?? 'fine';
    await settle();
    if (fate === 'lost') throw new AppendFailure('unknown', 'lost');
    if (fate !== 'fine' && fate !== 'unknown') throw new AppendFailure(fate, fate);
    const tail = await memory.append(aggregate, commit, after);
    if (fate === 'unknown') throw new AppendFailure('unknown', 'written');
    return tail;
  },
});

type Asked = { readonly command: TallyCommand; readonly answers: Outcome[] };

/** Runs the steps; each command carries a time of its own, by which its events are known. */
const play = async (memory: MemoryLog, snapshots: Snapshots, history: readonly Step[]) => {
  const fates: Fate[] = [];
  const log = troubled(memory, fates);
  const all: Asked[] = [];
  let writer = tallyWriter(log, { snapshots });
  const writers: TallyWriter[] = [writer];
  const ask = (command: TallyCommand): void => {
    const asked: Asked = { command, answers: [] };
    all.push(asked);
    void writer.ask(command).then((outcome) => asked.answers.push(outcome));
  };
  const begin = (): void => {
    writer = tallyWriter(log, { snapshots });
    writers.push(writer);
  };
  const happen: Record<Happening, () => unknown> = {
    turn: () => Promise.resolve(),
    wait: settle,
    rival: () => memory.record(tallied, [rival]),
    crash: begin,
    restart: async () => {
      await writer.stop();
      begin();
    },
  };
  for (const [at, next] of history.entries()) {
    if (typeof next === 'string') await happen[next]();
    else if ('fate' in next) fates.push(next.fate);
    else ask({ ...next, at });
  }
  while (writers.some(({ idle }) => !idle)) await settle();
  fates.length = 0;
  await settle();
  return { writer, all };
};

const eventsIn = async (log: EventLog) =>
  (await readAll(log, tallied)).flatMap(({ commit }) =>
    commit.events.map((event, index) => ({ ...event, n: commit.n + index })),
  );

const steps = fc.array(step, { minLength: 1, maxLength: 40, size: 'max' });

it(`${law}: every ask is answered once, and the log holds exactly what was answered [W8]`, () =>
  fc.assert(
    fc.asyncProperty(steps, async (history) => {
      const memory = memoryLog();
      const { all } = await play(memory, memorySnapshots(), history);
      const events = await eventsIn(memory);
      expect(events.map(({ n }) => n)).toEqual(events.map((_, index) => index + 1));
      for (const { command, answers } of all) {
        expect(answers).toHaveLength(1);
        const [outcome] = answers;
        const own = events.filter(({ at }) => at === command.at);
        expect(outcome && !isRefusal(outcome) ? outcome.events : []).toEqual(own);
      }
    }),
    parameters,
  ));

it(`${law}: a state that was lived through is the state that is loaded, with snapshots and without`, () =>
  fc.assert(
    fc.asyncProperty(steps, async (history) => {
      const memory = memoryLog();
      const snapshots = memorySnapshots();
      const { writer } = await play(memory, snapshots, history);
      await writer.ask(open());
      await writer.ask(open());
      const live = writer.state;
      const { tail } = writer;
      for (const other of [tallyWriter(memory), tallyWriter(memory, { snapshots })]) {
        expect(await other.load()).toEqual(live);
        expect(other.tail).toEqual(tail);
      }
    }),
    parameters,
  ));

it(`${law}: repeating whatever was done adds no event, on a writer that saw it and on a new one [W8]`, () =>
  fc.assert(
    fc.asyncProperty(steps, async (history) => {
      const memory = memoryLog();
      const snapshots = memorySnapshots();
      const { writer, all } = await play(memory, snapshots, history);
      while ('refused' in (await writer.ask(open())));
      const { n } = await memory.tail(tallied);
      const done = all.filter(({ answers: [outcome] }) => outcome && !isRefusal(outcome));
      const repeatable = done.filter(
        ({ command: { op, key } }) => op === 'say' || key !== undefined,
      );
      for (const each of [writer, tallyWriter(memory), tallyWriter(memory, { snapshots })]) {
        for (const {
          command,
          answers: [first],
        } of repeatable) {
          const again = await each.ask({ ...command, at: -2 });
          expect(again).toMatchObject({ events: [], repeated: true });
          if (command.op === 'say')
            expect(again).toMatchObject({ answer: first && 'answer' in first && first.answer });
        }
        const bob = numbered(2) as UserId;
        expect(await each.ask({ ...deny, by: bob })).toEqual({ refused: 'forbidden' });
      }
      expect((await memory.tail(tallied)).n).toBe(n);
    }),
    parameters,
  ));
