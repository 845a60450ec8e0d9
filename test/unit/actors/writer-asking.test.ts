import { expect, test } from 'vitest';
import { isRefusal } from '../../../src/actors/decision.ts';
import { limits } from '../../../src/actors/limits.ts';
import type { Outcome } from '../../../src/actors/outcome.ts';
import { commitBytesMax, commitEventsMax } from '../../../src/events/commit.ts';
import type { ConnectionId, UserId } from '../../../src/events/ids.ts';
import { type HandLog, handLog, until } from '../../contract/doubles/hand-log.ts';
import { memoryLog } from '../../contract/doubles/memory-log.ts';
import { ann, deny, open, say, tallied, tallyWriter } from '../../support/checkers/tally.ts';
import { settle } from '../../support/doubles/virtual-time.ts';
import { readAll } from '../../support/fixtures/log-fixtures.ts';
import { numbered } from '../../support/generators/chatter.ts';

/** The answers in the order in which they came. */
const noted = (asked: readonly Promise<Outcome>[]): Outcome[] => {
  const answers: Outcome[] = [];
  for (const each of asked) void each.then((outcome) => answers.push(outcome));
  return answers;
};

const kindsIn = ({ appends }: HandLog): string[][] =>
  appends.map(({ events }) => events.map(({ k }) => k));

test('nothing is answered before the append has resolved [W8]', async () => {
  const { log, next } = handLog();
  const answers = noted([tallyWriter(log).ask(say(1))]);
  const append = await next();
  await settle();
  expect(answers).toEqual([]);
  await append.succeed();
  expect(answers).toEqual([
    expect.objectContaining({
      answer: 1,
      repeated: false,
      position: { partition: 0, seq: 1 },
      events: [append.commit.events[0] && { ...append.commit.events[0], n: 1 }],
    }),
  ]);
});

test('what comes while an append is in flight goes into the next commit together, in order', async () => {
  const hand = handLog();
  const writer = tallyWriter(hand.log);
  const answers = noted([
    writer.ask(say(1)),
    writer.ask(say(2)),
    writer.ask(open()),
    writer.ask(say(3)),
  ]);
  await (await hand.next()).succeed();
  expect(answers).toHaveLength(1);
  await (await hand.next()).succeed();
  expect(answers.map((outcome) => 'events' in outcome && outcome.events.map(({ n }) => n))).toEqual(
    [[1], [2], [3], [4]],
  );
  expect(kindsIn(hand)).toEqual([
    ['message-posted'],
    ['message-posted', 'stream-opened', 'message-posted'],
  ]);
  expect(writer.idle).toBe(true);
});

test('a repeat of what is not durable yet waits for it [W8]', async () => {
  const { log, next } = handLog();
  const writer = tallyWriter(log);
  void writer.ask(open());
  const answers = noted([writer.ask(say(1)), writer.ask(say(1)), writer.ask(deny)]);
  await (await next()).succeed();
  const append = await next();
  await settle();
  expect(answers).toEqual([]);
  await append.succeed();
  expect(answers).toEqual([
    expect.objectContaining({ answer: 1, repeated: false, position: { partition: 0, seq: 2 } }),
    { events: [], answer: 1, repeated: true, position: { partition: 0, seq: 2 } },
    { refused: 'forbidden' },
  ]);
});

test('what causes no event is answered without an append', async () => {
  const { log, appends } = handLog();
  const writer = tallyWriter(log);
  expect(await writer.ask(deny)).toEqual({ refused: 'forbidden' });
  expect(appends).toEqual([]);
});

test('nothing is decided as long as the gate is shut', async () => {
  const { log, next, appends } = handLog();
  let release: () => void = () => undefined;
  let shut: Promise<void> | undefined = new Promise<void>((resolve) => {
    release = resolve;
  });
  const answers = noted([tallyWriter(log, { gate: () => shut }).ask(say(1))]);
  await settle();
  expect(appends).toEqual([]);
  shut = undefined;
  release();
  await (await next()).succeed();
  await until(() => answers.length === 1);
});

test('a key makes a command repeatable, in flight and later; refusals are not remembered [W8]', async () => {
  const log = memoryLog();
  const writer = tallyWriter(log);
  const keyed = open(2, { key: numbered(7), sum: 'a' });
  const [first, again] = await Promise.all([writer.ask(keyed), writer.ask(keyed)]);
  expect(first).toMatchObject({ repeated: false });
  expect(again).toMatchObject({ events: [], repeated: true, position: { partition: 0, seq: 1 } });
  expect(await writer.ask(keyed)).toMatchObject({ events: [], repeated: true });
  expect(writer.tail.n).toBe(2);
  const refused = { ...deny, key: numbered(8), sum: 'b' };
  expect(await writer.ask(refused)).toEqual({ refused: 'forbidden' });
  expect(await writer.ask(open(1, { key: numbered(8), sum: 'c' }))).toMatchObject({
    repeated: false,
  });
});

test('the same key with another sum is a conflict; the key of another person is another [W8]', async () => {
  const log = memoryLog();
  const writer = tallyWriter(log);
  await writer.ask(open(1, { key: numbered(7), sum: 'a' }));
  const other = open(1, { key: numbered(7), sum: 'b' });
  expect(await writer.ask(other)).toEqual({ refused: 'conflict', field: 'key' });
  const bob = { ...other, by: numbered(2) as UserId };
  expect(await writer.ask(bob)).toMatchObject({ repeated: false });
  expect(writer.tail.n).toBe(2);
});

test('each event says who, when, by which command and over which connection', async () => {
  const log = memoryLog();
  const writer = tallyWriter(log);
  const conn = numbered(9) as ConnectionId;
  await writer.ask({ ...open(1, { key: numbered(7), sum: 'a' }), at: 5, conn });
  await writer.ask({ ...open(1), at: 6 });
  const events = (await readAll(log, tallied)).flatMap(({ commit }) => commit.events);
  const opened = { k: 'stream-opened', v: 1, by: ann, d: {} };
  expect(events).toEqual([
    { ...opened, at: 5, cmd: numbered(7), sum: 'a', conn },
    { ...opened, at: 6 },
  ]);
});

test('beyond 4,096 that wait, one is answered at once that it may come again later', async () => {
  const hand = handLog();
  const writer = tallyWriter(hand.log);
  const answers = noted([writer.ask(open())]);
  const append = await hand.next();
  const waiting = noted(Array.from({ length: limits.inboxMax }, () => writer.ask(open())));
  expect(await writer.ask(open())).toEqual({
    refused: 'unavailable',
    retryAfter: expect.any(Number),
  });
  expect([answers, waiting]).toEqual([[], []]);
  await append.succeed();
  while (!writer.idle) await (await hand.next()).succeed();
  expect(waiting).toHaveLength(limits.inboxMax);
  expect(waiting.some(isRefusal)).toBe(false);
  expect(writer.tail.n).toBe(limits.inboxMax + 1);
});

test('many large commands are split over commits that the log accepts, and stay in order', async () => {
  const log = memoryLog();
  const writer = tallyWriter(log);
  const long = '\u{1F600}'.repeat(2000);
  const asked = Array.from({ length: 600 }, (_, id) => writer.ask(say(id, { text: long })));
  const answers = await Promise.all(asked);
  expect(answers.map((outcome) => 'answer' in outcome && outcome.answer)).toEqual(
    asked.map((_, index) => index + 1),
  );
  const commits = await readAll(log, tallied);
  expect(Math.max(...commits.map(({ size }) => size))).toBeLessThanOrEqual(commitBytesMax);
  expect(commits.length).toBeGreaterThan(1);
});

test('many commands of many events are split over commits that the log accepts', async () => {
  const log = memoryLog();
  const writer = tallyWriter(log);
  const answers = await Promise.all(Array.from({ length: 40 }, () => writer.ask(open(100))));
  expect(answers.some(isRefusal)).toBe(false);
  const commits = await readAll(log, tallied);
  const sizes = commits.map(({ commit }) => commit.events.length);
  expect(sizes.reduce((sum, size) => sum + size)).toBe(4000);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(commitEventsMax);
});
