import { expect, test } from 'vitest';
import { CodecError } from '../../../src/events/codec.ts';
import type { LoggedEvent } from '../../../src/events/commit.ts';
import { type EventLog, LogUnavailable } from '../../../src/events/log.ts';
import { LogDamaged } from '../../../src/events/raw-log.ts';
import { damaged } from '../../../src/events/store-refused.ts';
import { handLog, until } from '../../contract/doubles/hand-log.ts';
import { type MemoryLog, memoryLog } from '../../contract/doubles/memory-log.ts';
import {
  memorySnapshots,
  open,
  say,
  tallied,
  tallyRules,
  tallyWriter,
} from '../../support/checkers/tally.ts';
import { settle } from '../../support/doubles/virtual-time.ts';
import { gate } from '../../support/fixtures/runner-stage.ts';
import { numbered, stamped } from '../../support/generators/chatter.ts';

/** A log with some history, and a snapshot of all of it but the last commit. */
const withSnapshot = async () => {
  const log = memoryLog();
  const snapshots = memorySnapshots();
  const writer = tallyWriter(log, { snapshots });
  await writer.ask(say(1));
  await writer.ask(open(2, { key: numbered(7), sum: 'a' }));
  await writer.stop();
  await tallyWriter(log).ask(say(2));
  return { log, snapshots };
};

const whole = { said: [numbered(1), numbered(2)], opened: 2 };

/** A log that notes from where it was read. */
const noting = (log: MemoryLog) => {
  const reads: (number | undefined)[] = [];
  const read: EventLog['read'] = (aggregate, options) => {
    reads.push(options?.after);
    return log.read(aggregate, options);
  };
  return { log: { ...log, read }, reads };
};

test('a state is loaded from its snapshot and what the log holds after it', async () => {
  const { log, snapshots } = await withSnapshot();
  const noted = noting(log);
  const writer = tallyWriter(noted.log, { snapshots });
  expect(await writer.load()).toEqual(whole);
  expect(noted.reads).toEqual([3]);
  expect(writer.tail).toEqual(await log.tail(tallied));
  expect(await writer.ask(say(3))).toMatchObject({ answer: 3 });
});

const change = (text: string, more: object): string =>
  JSON.stringify({ ...(JSON.parse(text) as object), ...more });

test.for([
  ['another version', { version: tallyRules.snapshotVersion + 1 }],
  ['another chain', { tail: { n: 3, hash: 'x'.repeat(43), seq: 2 } }],
  ['a log that was longer', { tail: { n: 9, hash: 'x'.repeat(43), seq: 9 } }],
] as const)('a snapshot of %s is ignored', async ([, more]) => {
  const { log, snapshots } = await withSnapshot();
  const kept = snapshots.kept.get(tallied) ?? '';
  const lie = { state: { state: { said: ['a lie'], opened: 99 }, keys: [] } };
  snapshots.kept.set(tallied, change(kept, { ...lie, ...more }));
  const writer = tallyWriter(log, { snapshots });
  expect(await writer.load()).toEqual(whole);
  expect(writer.tail).toEqual(await log.tail(tallied));
});

test('a snapshot that is of the newest commit but another chain is ignored', async () => {
  const { log, snapshots } = await withSnapshot();
  const { n, seq } = await log.tail(tallied);
  const tail = { n, seq, hash: 'x'.repeat(43) };
  snapshots.kept.set(tallied, change(snapshots.kept.get(tallied) ?? '', { tail }));
  expect(await tallyWriter(log, { snapshots }).load()).toEqual(whole);
});

test('keys are known after a restart, from the snapshot and from the events alone [W8]', async () => {
  const { log, snapshots } = await withSnapshot();
  const keyed = open(2, { key: numbered(7), sum: 'a' });
  for (const writer of [tallyWriter(log, { snapshots }), tallyWriter(log)]) {
    expect(await writer.ask(keyed)).toMatchObject({ events: [], repeated: true });
    expect(await writer.ask({ ...keyed, sum: 'b' })).toEqual({ refused: 'conflict', field: 'key' });
  }
  expect((await log.tail(tallied)).n).toBe(4);
});

test('a snapshot is kept when a writer stops and something has happened since the last', async () => {
  const log = memoryLog();
  const snapshots = memorySnapshots();
  const writer = tallyWriter(log, { snapshots });
  await writer.stop();
  expect(snapshots.kept.size).toBe(0);
  await writer.ask(say(1));
  expect(snapshots.kept.size).toBe(0);
  await writer.stop();
  const kept = snapshots.kept.get(tallied);
  expect(kept).toBeDefined();
  snapshots.kept.clear();
  await writer.stop();
  expect(snapshots.kept.size).toBe(0);
});

test('stopping waits for what is in flight, and the snapshot holds it', async () => {
  const { log, next } = handLog();
  const snapshots = memorySnapshots();
  const writer = tallyWriter(log, { snapshots });
  const asked = writer.ask(say(1));
  const append = await next();
  const stopped = writer.stop();
  expect(snapshots.kept.size).toBe(0);
  await append.succeed();
  await stopped;
  expect(await asked).toMatchObject({ answer: 1 });
  expect(snapshots.kept.get(tallied)).toContain(numbered(1));
});

test('a snapshot is kept after every five thousand events, and asks meanwhile are answered', async () => {
  const log = memoryLog();
  const snapshots = memorySnapshots();
  const saving = gate();
  const save: typeof snapshots.save = async (_, snapshot) => {
    // The state goes on while it is saved: only what is read of it now is as of the snapshot.
    const text = JSON.stringify(snapshot);
    await saving.opened;
    snapshots.kept.set(tallied, text);
    return undefined;
  };
  const writer = tallyWriter(log, { snapshots: { ...snapshots, save } });
  for (let left = 50; left > 0; left--) await writer.ask(open(100));
  await settle();
  expect(writer.idle).toBe(false);
  expect(await writer.ask(say(1))).toMatchObject({ answer: 1 });
  saving.open();
  await settle();
  expect(JSON.parse(snapshots.kept.get(tallied) ?? '{}')).toMatchObject({ tail: { n: 5000 } });
  expect(writer.idle).toBe(true);
  await writer.stop();
  expect(JSON.parse(snapshots.kept.get(tallied) ?? '{}')).toMatchObject({ tail: { n: 5001 } });
});

test('a state that is lost while it is saved is loaded once it is saved', async () => {
  const log = memoryLog();
  const snapshots = memorySnapshots();
  const saving = gate();
  const order: string[] = [];
  const save: typeof snapshots.save = async (aggregate, snapshot) => {
    const now = structuredClone(snapshot);
    await saving.opened;
    order.push('saved');
    return snapshots.save(aggregate, now);
  };
  const load: typeof snapshots.load = (aggregate) => {
    order.push('loaded');
    return snapshots.load(aggregate);
  };
  const writer = tallyWriter(log, { snapshots: { ...snapshots, save, load } });
  for (let left = 50; left > 0; left--) await writer.ask(open(100));
  record(log, stamped('stream-opened', {}));
  expect(await writer.ask(say(1))).toMatchObject({ refused: 'unavailable' });
  const asked = writer.ask(say(2));
  await settle();
  saving.open();
  expect(await asked).toMatchObject({ answer: 1 });
  expect(order).toEqual(['loaded', 'saved', 'loaded']);
});

test('who asks in any step after an answer is answered', async () => {
  for (let steps = 0; steps < 12; steps++) {
    const writer = tallyWriter(memoryLog());
    await writer.ask(say(1));
    for (let left = steps; left > 0; left--) await Promise.resolve();
    expect(await writer.ask(say(2))).toMatchObject({ answer: 2 });
  }
});

const record = (log: MemoryLog, event: object) => log.record(tallied, [event as LoggedEvent]);

test.for([
  ['kind', { ...stamped('stream-opened', {}), k: 'stream-painted' }, 'stream-painted of version 1'],
  ['version', { ...stamped('stream-opened', {}), v: 2 }, 'stream-opened of version 2'],
] as const)(
  'an event of an unknown %s keeps the state from being loaded, and says what to do',
  async ([, event, name]) => {
    const log = memoryLog();
    const { writer, told, reads } = watched(log);
    record(log, stamped('stream-opened', {}));
    record(log, event);
    const message = `${tallied}: event 2 is a ${name}, which this version of Oshi does not know; run a newer one`;
    await expect(writer.load()).rejects.toThrow(message);
    const refusal = { refused: 'unavailable', message: expect.stringMatching(/newer version/) };
    for (let times = 0; times < 3; times++) expect(await writer.ask(say(1))).toEqual(refusal);
    expect(told).toEqual([message]);
    expect(reads).toHaveLength(1);
    expect((await log.tail(tallied)).n).toBe(2);
  },
);

/** A writer, what it reports as lasting, and from where it reads. What passes is not expected at all. */
const watched = (log: MemoryLog) => {
  const noted = noting(log);
  const told: string[] = [];
  const writer = tallyWriter(noted.log, {
    onUnreadable: ({ message }) => told.push(message),
    onFault: (error) => {
      throw error;
    },
  });
  return { writer, told, reads: noted.reads };
};

test.for([
  ['a codec error', new CodecError('invalid JSON')],
  ['damage of the file', damaged('log.mdb', 'page 7 is another one')],
  ['a lost stream', new LogDamaged('the stream OSHI_EV_3 is missing')],
] as const)('%s in the log is reported once and refused without retryAfter', async ([, error]) => {
  const log = memoryLog();
  const read: EventLog['read'] = async function* broken() {
    yield* [];
    throw error;
  };
  const { writer, told } = watched({ ...log, read });
  const refusal = { refused: 'unavailable', message: expect.stringMatching(/damaged/) };
  for (let times = 0; times < 2; times++) expect(await writer.ask(say(1))).toEqual(refusal);
  await expect(writer.load()).rejects.toThrow(error.message);
  expect(told).toEqual([error.message]);
});

test('a log that cannot be reached is asked again, and the refusal says when', async () => {
  const log = memoryLog();
  let isAway = true;
  const read: EventLog['read'] = async function* away(aggregate, options) {
    if (isAway) throw new LogUnavailable('away');
    yield* log.read(aggregate, options);
  };
  const told: Error[] = [];
  const onUnreadable = (error: Error): unknown => told.push(error);
  const writer = tallyWriter({ ...log, read }, { onUnreadable });
  expect(await writer.ask(say(1))).toEqual({ refused: 'unavailable', retryAfter: 500 });
  isAway = false;
  expect(await writer.ask(say(1))).toMatchObject({ answer: 1 });
  expect(told).toEqual([]);
});

test('a log whose chain is broken is not served from', async () => {
  const log = memoryLog();
  record(log, stamped('stream-opened', {}));
  record(log, stamped('stream-opened', {}));
  const read: EventLog['read'] = async function* broken(aggregate, options) {
    for await (const recorded of log.read(aggregate, options)) {
      yield recorded.commit.n === 2
        ? { ...recorded, commit: { ...recorded.commit, prev: 'x' } }
        : recorded;
    }
  };
  const { writer, told } = watched({ ...log, read });
  const message = `${tallied}: the hash chain of its log is broken; restore the log from a backup`;
  await expect(writer.load()).rejects.toThrow(message);
  expect(await writer.ask(say(1))).not.toHaveProperty('retryAfter');
  expect(told).toEqual([message]);
});

test('who loads while another loads waits for the same load', async () => {
  const hand = handLog();
  const held = gate();
  let reads = 0;
  hand.beforeRead = () => {
    reads++;
    return held.opened;
  };
  const writer = tallyWriter(hand.log);
  const first = writer.ask(say(1));
  const slow = writer.load();
  await until(() => reads === 1);
  held.open();
  const append = await hand.next();
  await slow;
  await append.succeed();
  await first;
  expect(reads).toBe(1);
  expect(writer.state?.said).toEqual([numbered(1)]);
});
