import { expect, test } from 'vitest';
import { Assignment } from '../../../src/actors/assignment.ts';
import { isRefusal, refuse } from '../../../src/actors/decision.ts';
import { event } from '../../../src/events/kinds/kinds.ts';
import type { EventLog } from '../../../src/events/log.ts';
import { handLog, until } from '../../contract/doubles/hand-log.ts';
import { memoryLog } from '../../contract/doubles/memory-log.ts';
import {
  deny,
  memorySnapshots,
  open,
  say,
  tallied,
  tallyWriter,
} from '../../support/checkers/tally.ts';
import { noSleep } from '../../support/doubles/no-sleep.ts';
import { readAll } from '../../support/fixtures/log-fixtures.ts';
import { gate } from '../../support/fixtures/runner-stage.ts';
import { numbered, stamped } from '../../support/generators/chatter.ts';

const unavailable = { refused: 'unavailable', retryAfter: expect.any(Number) };

test.for(['conflict', 'full', 'unavailable'] as const)(
  'after an append that failed (%s) all of its batch may come again, and nothing of it remains',
  async (reason) => {
    const faults: Error[] = [];
    const { log, next } = handLog();
    const writer = tallyWriter(log, { onFault: (error) => faults.push(error) });
    void writer.ask(open());
    const batch = [writer.ask(say(1)), writer.ask(say(1)), writer.ask(deny)];
    await (await next()).succeed();
    await (await next()).fail(reason);
    expect(await Promise.all(batch)).toEqual([unavailable, unavailable, unavailable]);
    expect(writer.state).toBeUndefined();
    expect(faults.map(({ message }) => message)).toEqual([`${tallied}: the writer lost its state`]);
    const again = writer.ask(say(1));
    await (await next()).succeed();
    expect(await again).toMatchObject({ answer: 1, repeated: false });
    expect(writer.state).toEqual({ said: [numbered(1)], opened: 1 });
  },
);

test('who was overtaken by another writer goes on from what that one wrote', async () => {
  const { log, next } = handLog();
  const writer = tallyWriter(log);
  const asked = writer.ask(say(2));
  const append = await next();
  const posted = event('message-posted', { id: numbered(1), m: 1, text: 'x', mentions: [] });
  log.record(tallied, [stamped('message-posted', posted.d)]);
  await append.succeed();
  expect(await asked).toEqual(unavailable);
  const again = [writer.ask(say(2)), writer.ask(say(1))];
  await (await next()).succeed();
  expect(await Promise.all(again)).toMatchObject([{ answer: 2 }, { answer: 1, repeated: true }]);
});

test('what waits behind a failed append is decided anew, on what the log holds', async () => {
  const { log, next } = handLog();
  const writer = tallyWriter(log);
  const failing = writer.ask(say(1));
  const append = await next();
  const waiting = [writer.ask(say(1)), writer.ask(say(2))];
  await append.fail('full');
  expect(await failing).toEqual(unavailable);
  await (await next()).succeed();
  expect(await Promise.all(waiting)).toMatchObject([
    { answer: 1, repeated: false },
    { answer: 2, repeated: false },
  ]);
});

test('an append whose answer was lost and that was written is a success [W8]', async () => {
  const { log, next } = handLog();
  const writer = tallyWriter(log);
  const asked = writer.ask(say(1));
  await (await next()).fail('unknown', 'written');
  expect(await asked).toMatchObject({
    answer: 1,
    repeated: false,
    position: { partition: 0, seq: 1 },
  });
  const more = writer.ask(say(2));
  await (await next()).succeed();
  expect(await more).toMatchObject({ answer: 2, position: { partition: 0, seq: 2 } });
});

test('an append whose answer was lost and that was not written may come again once the world has changed [W8]', async () => {
  const { log, next } = handLog();
  let version = 1;
  const writer = tallyWriter(log, { worldVersion: () => version });
  const asked = writer.ask(say(1));
  const append = await next();
  version = 2;
  await append.fail('unknown');
  expect(await asked).toEqual(unavailable);
  const again = writer.ask(say(1));
  await (await next()).succeed();
  expect(await again).toMatchObject({ answer: 1, repeated: false });
  expect(await readAll(log, tallied)).toHaveLength(1);
});

test('an append whose answer was lost and that is not found is made again [W8]', async () => {
  const { log, next } = handLog();
  noSleep();
  const writer = tallyWriter(log);
  const asked = writer.ask(say(1));
  const first = await next();
  await first.fail('unknown');
  const second = await next();
  expect(second.commit).toEqual(first.commit);
  await second.fail('unknown');
  await (await next()).succeed();
  expect(await asked).toMatchObject({ answer: 1, repeated: false });
  expect(await readAll(log, tallied)).toHaveLength(1);
});

test('events whose append was settled are in the snapshot that is saved at the end', async () => {
  const { log, next } = handLog();
  const snapshots = memorySnapshots();
  const writer = tallyWriter(log, { snapshots });
  const asked = writer.ask(say(1));
  await (await next()).fail('unknown', 'written');
  await asked;
  await writer.stop();
  expect(snapshots.kept.has(tallied)).toBe(true);
});

test('an append that is not found is made again although the world was busy, if it is the same afterwards', async () => {
  const { log, next } = handLog();
  noSleep();
  const busy = gate();
  let pending: Promise<void> | undefined;
  const writer = tallyWriter(log, { worldVersion: () => pending ?? 1, gate: () => pending });
  const asked = writer.ask(say(1));
  const first = await next();
  pending = busy.opened;
  await first.fail('unknown');
  pending = undefined;
  busy.open();
  const second = await next();
  expect(second.commit).toEqual(first.commit);
  await second.succeed();
  expect(await asked).toMatchObject({ answer: 1, repeated: false });
});

test('an append that is not found is given up once its partition is not assigned any more', async () => {
  const { log, next, appends } = handLog();
  noSleep();
  const assignment = new Assignment(log);
  const writer = tallyWriter({ ...log, ...assignment.log } satisfies EventLog);
  const asked = writer.ask(say(1));
  await (await next()).fail('unknown');
  const again = await next();
  const fenced = assignment.fence(0);
  await again.fail('unknown');
  await fenced;
  expect(await asked).toEqual(unavailable);
  await until(() => writer.idle);
  expect(appends).toHaveLength(2);
});

test('an append that is stored late is found when it is made again, before anything else is decided [W8]', async () => {
  const { log, next } = handLog();
  noSleep();
  const writer = tallyWriter(log);
  const asked = writer.ask(say(1));
  const first = await next();
  await first.fail('unknown');
  const more = writer.ask(say(2));
  const again = await next();
  await first.succeed();
  await again.fail('conflict');
  expect(await asked).toMatchObject({ answer: 1, position: { seq: 1 } });
  await (await next()).succeed();
  expect(await more).toMatchObject({ answer: 2, position: { seq: 2 } });
});

test('an answer that was lost is not taken for one when somebody else stands in the place', async () => {
  const { log, next } = handLog();
  const writer = tallyWriter(log);
  const asked = writer.ask(say(1));
  const append = await next();
  log.record(tallied, [stamped('stream-opened', {})]);
  await append.fail('unknown');
  expect(await asked).toEqual(unavailable);
});

test('while the log cannot be read, a lost answer is looked for again and again', async () => {
  const hand = handLog();
  const writer = tallyWriter(hand.log);
  await writer.load();
  const pauses = noSleep();
  let failures = 3;
  hand.beforeRead = async () => {
    if (failures-- > 0) throw new Error('away');
  };
  const asked = writer.ask(say(1));
  await (await hand.next()).fail('unknown', 'written');
  expect(await asked).toMatchObject({ answer: 1, repeated: false });
  expect(pauses).toEqual([50, 100, 200]);
});

test('while the log cannot be read, every ask is answered, and load says why', async () => {
  const faults: Error[] = [];
  const hand = handLog();
  const away = new Error('the log is away');
  hand.beforeRead = () => Promise.reject(away);
  const writer = tallyWriter(hand.log, { onFault: (error) => faults.push(error) });
  expect(await Promise.all([writer.ask(say(1)), writer.ask(say(2))])).toEqual([
    unavailable,
    unavailable,
  ]);
  await expect(writer.load()).rejects.toBe(away);
  expect(faults[0]?.cause).toBe(away);
  hand.beforeRead = async () => {};
  const asked = writer.ask(say(1));
  await (await hand.next()).succeed();
  expect(await asked).toMatchObject({ answer: 1 });
});

test('when what a decision needs cannot be looked up, its batch may come again', async () => {
  const log = memoryLog();
  let looked = 0;
  const prepare = () => (looked++ === 0 ? Promise.reject(new Error('away')) : undefined);
  const writer = tallyWriter(log, { prepare });
  expect(await Promise.all([writer.ask(say(1))])).toEqual([unavailable]);
  expect(await writer.ask(say(1))).toMatchObject({ answer: 1 });
});

test('who needs what cannot be looked up is refused alone, and nothing is forgotten for it', async () => {
  const faults: Error[] = [];
  const writer = tallyWriter(memoryLog(), {
    prepare: async (_state, commands) =>
      commands.map((command) => (command.op === 'open' ? refuse('unavailable') : command)),
    onFault: (fault) => faults.push(fault),
  });
  const open = { ...say(9), op: 'open', times: 1 } as const;
  const outcomes = await Promise.all([writer.ask(say(1)), writer.ask(open), writer.ask(say(2))]);
  expect(outcomes).toMatchObject([{ answer: 1 }, { refused: 'unavailable' }, { answer: 2 }]);
  expect(faults).toEqual([]);
});

test('an event that the log would not accept is never half done', async () => {
  const log = memoryLog();
  const writer = tallyWriter(log);
  await writer.ask(say(1));
  const asked = [writer.ask({ ...say(2), id: 'no UUID' }), writer.ask(say(3))];
  expect((await Promise.all(asked)).every(isRefusal)).toBe(true);
  expect(await writer.ask(say(3))).toMatchObject({ answer: 2 });
  expect(await readAll(log, tallied)).toHaveLength(2);
});

test('a writer is settled once what it holds is durable', async () => {
  const { log, next } = handLog();
  const writer = tallyWriter(log);
  expect(writer.settled()).toBeUndefined();
  void writer.ask(say(1));
  const append = await next();
  let settled = false;
  void writer.settled()?.then(() => {
    settled = true;
  });
  expect(settled).toBe(false);
  await append.succeed();
  await until(() => settled);
  expect(writer.settled()).toBeUndefined();
});
