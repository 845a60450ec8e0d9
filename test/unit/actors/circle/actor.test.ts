import { expect, onTestFinished, test, vi } from 'vitest';
import { CircleActor } from '../../../../src/actors/circle/actor.ts';
import { isRefusal } from '../../../../src/actors/decision.ts';
import { limits } from '../../../../src/actors/limits.ts';
import type { MessageFacts } from '../../../../src/actors/stream/message-facts.ts';
import { circleAggregate, streamAggregate } from '../../../../src/events/aggregate.ts';
import type { CircleId, StreamId, UserId } from '../../../../src/events/ids.ts';
import { handLog } from '../../../contract/doubles/hand-log.ts';
import { memoryLog } from '../../../contract/doubles/memory-log.ts';
import { memorySnapshots } from '../../../support/checkers/tally.ts';
import { settle } from '../../../support/doubles/virtual-time.ts';
import {
  actorsStage,
  commands,
  general,
  lookUpNothing,
} from '../../../support/fixtures/actors-stage.ts';
import {
  by,
  circle,
  member,
  outsider,
  owner,
  stream,
} from '../../../support/fixtures/circle-past.ts';
import { epochMs } from '../../../support/fixtures/given.ts';
import { numbered, stamped } from '../../../support/generators/chatter.ts';

const { create, addStream, join, remove, post, edit } = commands;
const unavailable = { refused: 'unavailable', retryAfter: expect.any(Number) };

test('when a circle is created its first stream is open for posting, and both are in the log', async () => {
  const log = memoryLog();
  const { actors, kinds } = actorsStage(log);
  const made = await actors.askCircle(circle, create());
  expect(made).toMatchObject({
    position: { partition: 0, seq: await log.head(0) },
    repeated: false,
  });
  expect(await kinds(circle)).toEqual(['circle-created', 'member-joined', 'stream-created']);
  expect(await kinds(circle, general)).toEqual(['stream-opened']);
  expect(await actors.askStream(post(owner, 1))).toMatchObject({ answer: { n: 2, m: 1 } });
});

test('a stream that a crash kept from being opened is opened by its first message', async () => {
  const log = memoryLog();
  const { actors, kinds } = actorsStage(log);
  await actors.askCircle(circle, create());
  log.record(circleAggregate(circle), [stamped('stream-created', { id: stream, name: 'news' })]);
  const other = actorsStage(log);
  expect(await other.actors.askStream(post(owner, 1, stream))).toMatchObject({
    answer: { n: 2, m: 1 },
  });
  expect(await kinds(circle, stream)).toEqual(['stream-opened', 'message-posted']);
});

test('of fifty who redeem the last use of an invite at once exactly one gets in', async () => {
  const { actors, kinds } = actorsStage(memoryLog());
  await actors.askCircle(circle, create('private'));
  const invite = { op: 'create-invite', circle, code: 'code', expiresIn: 0, maxUses: 1 } as const;
  await actors.askCircle(circle, { ...by(owner), ...invite });
  const fifty = Array.from({ length: 50 }, (_, index) => numbered(1000 + index) as UserId);
  const outcomes = await Promise.all(
    fifty.map((user) => actors.askCircle(circle, join(user, 'code'))),
  );
  const refused = outcomes.filter(isRefusal);
  expect(refused).toEqual(Array(49).fill({ refused: 'invite-invalid' }));
  expect((await kinds(circle)).filter((k) => k === 'member-joined')).toHaveLength(2);
});

test('each stream has its own append in flight', async () => {
  const { log, next } = handLog();
  const { actors } = actorsStage(log);
  const begun = actors.askCircle(circle, create());
  for (let left = 2; left > 0; left--) await (await next()).succeed();
  await begun;
  const added = actors.askCircle(circle, addStream());
  for (let left = 2; left > 0; left--) await (await next()).succeed();
  await added;
  const slow = actors.askStream(post(owner, 1));
  const held = await next();
  const fast = actors.askStream(post(owner, 1, stream));
  await (await next()).succeed();
  expect(await fast).toMatchObject({ answer: { m: 1 } });
  await held.succeed();
  expect(await slow).toMatchObject({ answer: { m: 1 } });
});

test('a post on a membership that is not durable yet is decided when it is', async () => {
  const { log, next } = handLog();
  const { actors } = actorsStage(log);
  const begun = actors.askCircle(circle, create());
  for (let left = 2; left > 0; left--) await (await next()).succeed();
  await begun;
  const answers: string[] = [];
  void actors.askCircle(circle, join(member)).then(() => answers.push('join'));
  const joining = await next();
  void actors.askStream(post(member, 1)).then(() => answers.push('post'));
  await settle();
  expect(answers).toEqual([]);
  await joining.succeed();
  await (await next()).succeed();
  expect(answers).toEqual(['join', 'post']);
});

test('a post on a membership that then cannot be written is not in the log either', async () => {
  const { log, next, appends } = handLog();
  const { actors, kinds } = actorsStage(log);
  const begun = actors.askCircle(circle, create());
  for (let left = 2; left > 0; left--) await (await next()).succeed();
  await begun;
  const joining = actors.askCircle(circle, join(member));
  const held = await next();
  const posting = actors.askStream(post(member, 1));
  await settle();
  await held.fail('unavailable');
  if (appends.length === 4) await (await next()).succeed();
  expect(await joining).toEqual(unavailable);
  expect(isRefusal(await posting)).toBe(true);
  expect(await kinds(circle, general)).toEqual(['stream-opened']);
});

test('a removal comes before every post that is decided after it', async () => {
  const log = memoryLog();
  const { actors, kinds } = actorsStage(log);
  await actors.askCircle(circle, create());
  await actors.askCircle(circle, join(member));
  const outcomes = await Promise.all([
    actors.askStream(post(member, 1)),
    actors.askCircle(circle, remove(member)),
    actors.askStream(post(member, 2)),
  ]);
  expect(outcomes[0]).toMatchObject({ answer: { m: 1 } });
  expect(outcomes[2]).toEqual({ refused: 'forbidden' });
  expect(await kinds(circle, general)).toEqual(['stream-opened', 'message-posted']);
});

test('who may read is told as of all that is durable: a removal is not missed [W11]', async () => {
  const { log, next } = handLog();
  const { actors } = actorsStage(log);
  const begun = actors.askCircle(circle, create('private'));
  for (let left = 2; left > 0; left--) await (await next()).succeed();
  await begun;
  const none = numbered(9) as StreamId;
  const readers = [
    [owner, undefined, undefined],
    [owner, general, undefined],
    [owner, none, 'not-found'],
    [outsider, undefined, 'not-found'],
  ] as const;
  for (const [user, stream, refusal] of readers) {
    expect((await actors.accessOf(user, circle, stream)).refusal).toBe(refusal);
  }
  expect(await actors.askCircle(circle, join(member, 'x'))).toEqual({ refused: 'invite-invalid' });
  expect((await actors.accessOf(owner, circle)).manages).toBe(true);
  expect((await actors.accessOf(member, circle)).manages).toBe(false);
});

test('a stream that is not there is refused like the circle refuses, without an actor for it', async () => {
  const { actors } = actorsStage(memoryLog());
  await actors.askCircle(circle, create());
  expect(await actors.askStream(post(owner, 1, stream))).toEqual({ refused: 'not-found' });
  expect(await actors.askStream(post(outsider, 1, stream))).toEqual({ refused: 'forbidden' });
});

test('who finds that another node writes is fenced, and the next ask goes to a new actor', async () => {
  const log = memoryLog();
  const first = actorsStage(log);
  await first.actors.askCircle(circle, create());
  const second = actorsStage(log);
  await second.actors.askCircle(circle, join(member));
  await second.actors.askStream(post(member, 1));
  const outcomes = await Promise.all([
    first.actors.askCircle(circle, join(outsider)),
    first.actors.askStream(post(owner, 2)),
  ]);
  expect(outcomes).toEqual([unavailable, unavailable]);
  expect(first.errors.length).toBeGreaterThan(0);
  expect(await first.actors.askCircle(circle, join(member))).toMatchObject({ repeated: true });
  expect(await first.actors.askStream(post(owner, 2))).toMatchObject({ answer: { m: 2 } });
});

test('a circle that is fenced on both sides at once says nothing to the console', async () => {
  const warned = vi.spyOn(console, 'warn').mockReturnValue();
  onTestFinished(() => warned.mockRestore());
  const { log, next } = handLog();
  const { actors } = actorsStage(log);
  const begun = actors.askCircle(circle, create());
  for (let left = 2; left > 0; left--) await (await next()).succeed();
  await begun;
  const asked = [actors.askStream(post(owner, 2)), actors.askCircle(circle, join(outsider))];
  for (let left = 2; left > 0; left--) await (await next()).fail('conflict');
  expect(await Promise.all(asked)).toEqual([unavailable, unavailable]);
  expect(warned).not.toHaveBeenCalled();
});

test('circles that are idle are passivated, with a snapshot, and come back as they were', async () => {
  const snapshots = memorySnapshots();
  const time = { ms: epochMs };
  onTestFinished(() => void vi.useRealTimers());
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const { actors } = actorsStage(memoryLog(), { snapshots, now: () => time.ms, idleMs: 1000 });
  await actors.askCircle(circle, create());
  await actors.askStream(post(owner, 1));
  expect(actors.active).toEqual({ circles: 1, users: 0 });
  await settle();
  time.ms += 1000;
  vi.advanceTimersByTime(10_000);
  await settle();
  expect(actors.active).toEqual({ circles: 0, users: 0 });
  expect(snapshots.kept.size).toBe(2);
  expect(await actors.askStream(post(owner, 1))).toMatchObject({ repeated: true });
  expect(await actors.askStream(post(owner, 2))).toMatchObject({ answer: { m: 2 } });
});

test('messages that the state has forgotten are looked up, as of a place at which they stand', async () => {
  const log = memoryLog();
  const looked: [readonly string[], number][] = [];
  const facts: MessageFacts = { by: owner, n: 2, m: 1, at: epochMs };
  const { actors } = actorsStage(log, {
    lookUpMessages: async (_stream, { messages: ids }, seq) => {
      looked.push([ids, seq]);
      const messages = new Map(ids.flatMap((id) => (id === numbered(1) ? [[id, facts]] : [])));
      return { seq, messages, reactions: new Set() };
    },
  });
  await actors.askCircle(circle, create());
  const first = await actors.askStream(post(owner, 1));
  const enough = 2 * limits.recentMessagesMin;
  for (let id = 2; id <= enough; id++) await actors.askStream(post(owner, id));
  expect(looked).toEqual([]);
  expect(await actors.askStream(post(owner, 1))).toMatchObject({
    repeated: true,
    answer: { n: 2, m: 1 },
  });
  const [[ids, seq] = [[], 0]] = looked;
  expect(ids).toEqual([numbered(1)]);
  expect(seq).toBeGreaterThanOrEqual(
    'position' in first ? first.position.seq : Number.POSITIVE_INFINITY,
  );
  const { seq: head } = await log.tail(streamAggregate(circle, general));
  const edited = await actors.askStream(edit(owner, 1));
  expect(edited).toMatchObject({ events: [{ k: 'message-edited' }] });
  expect(looked.at(-1)).toEqual([[numbered(1)], head]);
});

test('while read models are away, what needs none of them goes on in a long stream', async () => {
  const log = memoryLog();
  const errors: Error[] = [];
  const { actors } = actorsStage(log, {
    lookUpMessages: () => Promise.reject(new Error('away')),
    onError: (error) => errors.push(error),
  });
  await actors.askCircle(circle, create());
  const before = 2 * limits.recentMessagesMin - 2;
  for (let id = 1; id <= before; id++) await actors.askStream(post(owner, id));
  // The first is on its way while the others come, which are then decided together.
  const [first, edited, second] = await Promise.all([
    actors.askStream(post(owner, before + 1)),
    actors.askStream(edit(owner, 1)),
    actors.askStream(post(owner, before + 2)),
  ]);
  expect(first).toMatchObject({ answer: { m: before + 1 } });
  expect(edited).toMatchObject({ refused: 'unavailable' });
  expect(second).toMatchObject({ answer: { m: before + 2 } });
  expect(errors).toHaveLength(1);
});

test('ids that nobody has used leave next to no actors behind, and answer as ever', async () => {
  const { actors, kinds } = actorsStage(memoryLog());
  await actors.askCircle(circle, create());
  for (let id = 0; id < 10 * limits.vacantActorsMax; id++) {
    const made = numbered(5000 + id);
    const missing = { refused: 'not-found' };
    const { refusal } = await actors.accessOf(owner, made as CircleId);
    expect(refusal).toBe('not-found');
    expect(await actors.askCircle(made as CircleId, join(owner))).toEqual(missing);
    expect(await actors.askStream({ ...post(owner, 1), circle: made })).toEqual(missing);
    expect(await actors.isRegistered(made as UserId)).toBe(false);
    expect(await actors.holderOf(`name${id}`)).toBeUndefined();
  }
  expect(actors.active.circles).toBeLessThanOrEqual(1 + limits.vacantActorsMax);
  expect(actors.active.users).toBeLessThanOrEqual(limits.vacantActorsMax);
  expect(await kinds(circle)).toHaveLength(3);
});

test('an actor that drains refuses commands, to be sent again', async () => {
  const log = memoryLog();
  const { actors } = actorsStage(log);
  await actors.askCircle(circle, create());
  const draining = new CircleActor({
    circle,
    log,
    snapshots: memorySnapshots(),
    lookUpMessages: lookUpNothing,
    onLost: () => undefined,
    onUnreadable: () => undefined,
  });
  expect(await draining.askStream(post(owner, 1))).toMatchObject({ answer: { m: 1 } });
  const stopped = draining.stop();
  expect(await draining.askStream(post(owner, 2))).toEqual(unavailable);
  expect(await draining.ask(addStream())).toEqual(unavailable);
  await stopped;
});
