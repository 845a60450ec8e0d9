import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createCirclePasts } from '../../../src/history/circle-past.ts';
import { circleAt, lastMessages, NotThere, streamAt } from '../../../src/history/past.ts';
import type { PastCircle } from '../../../src/history/past-circle.ts';
import { pastMessages } from '../../../src/history/past-messages.ts';
import { messageQueries, messages, type Range } from '../../../src/projections/models/messages.ts';
import { trail } from '../../../src/projections/models/trail.ts';
import { trailQueries } from '../../../src/projections/models/trail-queries.ts';
import { startRunner } from '../../../src/projections/runner/runner.ts';
import { type MemoryLog, memoryLog } from '../../contract/doubles/memory-log.ts';
import { memoryStore } from '../../contract/doubles/memory-store.ts';
import { circle } from '../../support/fixtures/circle-past.ts';
import {
  type CircleFrame,
  PastPlay,
  pastSteps,
  people,
} from '../../support/generators/past-play.ts';

const parameters = { seed: 20_261_127, numRuns: 20, verbose: 1 } as const;
const law = `past, seed ${parameters.seed}`;

/** What can be asked of a past, from read models that have come to the end of the log. */
const pastOf = async (log: MemoryLog) => {
  const store = memoryStore();
  const runner = await startRunner({ log, store, projections: [messages, trail] });
  await runner.caughtUp();
  await runner.stop();
  const pasts = createCirclePasts({ log, eventsMax: 25 });
  return { pasts, log, trail: trailQueries(store), messages: messageQueries(store) };
};

/** The circle in the words of its rules. */
const asRulesSee = (then: PastCircle) => ({
  readers: people.filter((user) => then.members.has(user)),
  status: then.deleted ? 'deleted' : 'open',
  ...{ name: then.name, about: then.about, visibility: then.visibility, owner: then.owner },
  joined: [...then.members].map(([user, { joinedAt }]) => [user, joinedAt]),
  streams: [...then.streams].map(([id, { name, topic, archived }]) => ({
    ...{ id, name, topic, status: archived ? 'archived' : 'open' },
  })),
  invites: [...then.invites]
    .filter(([, { revoked, uses, maxUses }]) => !revoked && (maxUses === 0 || uses < maxUses))
    .map(([code, { by, maxUses, uses, expiresAt }]) => ({ code, by, maxUses, uses, expiresAt })),
});

const byCode = (one: { code: string }, other: { code: string }) => (one.code < other.code ? -1 : 1);

const asRulesSaw = ({ state, members, readers, streams }: CircleFrame) => ({
  readers,
  ...{ status: state.status, name: state.name, about: state.about },
  ...{ visibility: state.visibility, owner: state.owner },
  joined: [...members],
  streams: [...streams].map(([id, { name, topic, status }]) => ({ id, name, topic, status })),
  invites: [...state.invites].map(([code, { by, maxUses, uses, expiresAt }]) => ({
    ...{ code, by, maxUses, uses, expiresAt },
  })),
});

const sortedInvites = <T extends { invites: { code: string }[] }>(view: T) => ({
  ...view,
  invites: view.invites.toSorted(byCode),
});

it(`${law}: a circle after its nth event is what its rules saw, in whatever order it is asked`, () =>
  fc.assert(
    fc.asyncProperty(pastSteps, fc.infiniteStream(fc.nat()), async (steps, picks) => {
      const { log, circles } = new PastPlay(steps);
      const pasts = createCirclePasts({ log, eventsMax: 25 });
      const asked = circles.map(() => picks.next().value % circles.length);
      for (const index of [...asked, ...circles.keys()]) {
        const frame = circles[index];
        if (!frame) continue;
        const then = await pasts.at(circle, index + 1);
        expect(sortedInvites(asRulesSee(then))).toEqual(sortedInvites(asRulesSaw(frame)));
        const { n, at, place } = then;
        expect({ n, at, place }).toEqual({ n: index + 1, at: frame.at, place: frame.place });
      }
      expect((await pasts.at(circle)).n).toBe(circles.length);
      expect((await pasts.at(circle, 0)).exists).toBe(false);
    }),
    parameters,
  ));

it(`${law}: a stream after its nth event is what each of its people saw`, () =>
  fc.assert(
    fc.asyncProperty(pastSteps, async (steps) => {
      const play = new PastPlay(steps);
      const past = await pastOf(play.log);
      for (const [stream, frames] of play.streams) {
        for (const [index, frame] of frames.entries()) {
          const then = await streamAt(past, { circle, stream }, { n: index + 1 });
          const { n, at, place } = then;
          expect({ n, at, place }).toEqual({ n: index + 1, at: frame.at, place: frame.place });
          for (const [seen, user] of people.entries()) {
            const page = { circle, stream, then, user, range: { limit: 200 } };
            const shown = await pastMessages(past, page);
            const views = shown.messages.map(({ s: _, n: __, at: ___, editedAt, ...view }) => view);
            expect(views).toEqual(frame.seen[seen]);
            expect(shown.last).toBe(views.length);
          }
        }
      }
    }),
    { ...parameters, numRuns: 8 },
  ));

/** The last of the frames that was there at a time. */
const lastAt = (frames: readonly { at: number }[], time: number): number =>
  frames.findLastIndex(({ at }) => at <= time) + 1;

it(`${law}: at a time, that is after the last event that had happened`, () =>
  fc.assert(
    fc.asyncProperty(pastSteps, async (steps) => {
      const { log, circles, streams } = new PastPlay(steps);
      const past = await pastOf(log);
      const now = await circleAt(past, circle, { n: circles.length + 1 });
      expect(await lastMessages(past, { circle, place: now.place }, [circle])).toEqual([
        streams.get(circle)?.at(-1)?.seen[0]?.length ?? 0,
      ]);
      const times = [...circles, ...[...streams.values()].flat()].map(({ at }) => at);
      for (const atMs of new Set(times.flatMap((at) => [at - 1, at, at + 1]))) {
        const n = lastAt(circles, atMs);
        const asked = circleAt(past, circle, { atMs });
        if (n === 0) {
          await expect(asked).rejects.toThrow(NotThere);
          continue;
        }
        const { circle: then, place } = await asked;
        expect(then.n).toBe(n);
        const there = [...then.streams.keys()];
        expect(await lastMessages(past, { circle, place }, there)).toEqual(
          there.map((stream) => {
            const frames = streams.get(stream) ?? [];
            return frames[lastAt(frames, atMs) - 1]?.seen[0]?.length ?? 0;
          }),
        );
        for (const [stream, frames] of streams) {
          const found = streamAt(past, { circle, stream }, { atMs });
          if (!circles[n - 1]?.streams.has(stream)) await expect(found).rejects.toThrow(NotThere);
          else expect((await found).n).toBe(lastAt(frames, atMs));
        }
      }
    }),
    { ...parameters, numRuns: 6 },
  ));

/** A page as it is read when it is now. */
const pageIn = (all: readonly number[], { before, after, around, limit }: Range): number[] => {
  const below = (m: number) => all.filter((each) => each < m).slice(-limit);
  const above = (m: number) => all.filter((each) => each > m).slice(0, limit);
  if (before !== undefined) return below(before);
  if (after !== undefined) return above(after);
  if (around === undefined) return all.slice(-limit);
  const [older, newer] = [below(around + 1), above(around)];
  const half = Math.floor((limit - 1) / 2);
  const behind = newer.slice(0, Math.max(half, limit - older.length));
  const room = limit - behind.length;
  return [...(room > 0 ? older.slice(-room) : []), ...behind];
};

const bound = fc.nat(12);
const range: fc.Arbitrary<Range> = fc
  .tuple(
    fc.oneof(
      fc.constant({}),
      fc.record({ before: bound }),
      fc.record({ after: bound }),
      fc.record({ around: bound }),
    ),
    fc.integer({ min: 1, max: 6 }),
  )
  .map(([bounds, limit]) => ({ ...bounds, limit }));

it(`${law}: a page then is the page that one would have read then`, () =>
  fc.assert(
    fc.asyncProperty(pastSteps, fc.array(range, { minLength: 5 }), async (steps, ranges) => {
      const play = new PastPlay(steps);
      const past = await pastOf(play.log);
      for (const [stream, frames] of play.streams) {
        const n = Math.ceil(frames.length / 2);
        const then = await streamAt(past, { circle, stream }, { n });
        const all = frames[n - 1]?.seen[0]?.map(({ m }) => m) ?? [];
        for (const each of ranges) {
          const page = await pastMessages(past, { circle, stream, then, range: each });
          expect(page.messages.map(({ m }) => m)).toEqual(pageIn(all, each));
        }
      }
    }),
    parameters,
  ));

it('a circle that never was, and one whose moment has not come', async () => {
  const past = await pastOf(memoryLog());
  await expect(circleAt(past, circle, { n: 1 })).rejects.toThrow('There is no such circle.');
  await expect(circleAt(past, circle, { atMs: 0 })).rejects.toThrow('There is no such circle.');
});

it('a long past is read in slices, between which others have their turn', async () => {
  const { log } = new PastPlay(
    fc.sample(pastSteps, { seed: parameters.seed, numRuns: 1 })[0] ?? [],
  );
  let iterations = 0;
  let isOver = false;
  const count = (): void => {
    iterations++;
    if (!isOver) setImmediate(count);
  };
  const slow = {
    async *read(...args: Parameters<typeof log.read>) {
      for await (const recorded of log.read(...args)) {
        const until = performance.now() + 6;
        while (performance.now() < until);
        yield recorded;
      }
    },
  };
  setImmediate(count);
  const then = await createCirclePasts({ log: slow }).at(circle);
  isOver = true;
  expect(then.n).toBeGreaterThan(1);
  expect(iterations).toBeGreaterThan(then.n / 4);
});
