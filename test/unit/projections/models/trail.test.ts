import fc from 'fast-check';
import { expect, test } from 'vitest';
import { circleAggregate, streamAggregate } from '../../../../src/events/aggregate.ts';
import { usualBackMs } from '../../../../src/events/clock-steps.ts';
import type { LoggedEvent } from '../../../../src/events/commit.ts';
import type { CircleId, StreamId } from '../../../../src/events/ids.ts';
import { event } from '../../../../src/events/kinds/kinds.ts';
import { rangeFor } from '../../../../src/history/filters.ts';
import { trail } from '../../../../src/projections/models/trail.ts';
import {
  type TrailBounds,
  type TrailFilter,
  type TrailItem,
  trailQueries,
  trailRowsMax,
} from '../../../../src/projections/models/trail-queries.ts';
import { startRunner } from '../../../../src/projections/runner/runner.ts';
import { memoryLog } from '../../../contract/doubles/memory-log.ts';
import { memoryStore } from '../../../contract/doubles/memory-store.ts';
import { epochMs } from '../../../support/fixtures/given.ts';
import { numbered } from '../../../support/generators/chatter.ts';

const seed = 20261125;
const [circle, other] = [numbered(100), numbered(99)] as [CircleId, CircleId];
const streams = [numbered(101), numbered(102)] as [StreamId, StreamId];
const people = [numbered(1), numbered(2), numbered(3)];
const ids = [numbered(200), numbered(201)];

const ofCircle = circleAggregate(circle);
const ofStream = (stream: StreamId) => streamAggregate(circle, stream);

type Happened = Omit<LoggedEvent, 'at' | 'by'>;

const deeds: readonly ((id: string, user: string) => Happened)[] = [
  (id) => event('message-posted', { id, m: 1, text: 'x', mentions: [] }),
  (id) => event('message-edited', { id, text: 'y', mentions: [] }),
  (id) => event('reaction-added', { id, emoji: '👍' }),
  (id) => event('message-pinned', { id }),
];
const changes: readonly ((stream: string, user: string) => Happened)[] = [
  (_, user) => event('member-joined', { user }),
  (_, user) => event('member-removed', { user }),
  (id) => event('stream-updated', { id, name: 'z' }),
  () => event('circle-updated', { name: 'z' }),
];

/** Who does what where, how much later than what was before. */
const step = fc.record({
  by: fc.constantFrom(...people),
  later: fc.constantFrom(0, 0, 1, 50),
  deed: fc.nat(deeds.length + changes.length - 1),
  stream: fc.constantFrom(...streams),
  id: fc.constantFrom(...ids),
  together: fc.integer({ min: 1, max: 3 }),
});

type Drawn = typeof step extends fc.Arbitrary<infer One> ? One : never;
type Step = Omit<Drawn, 'later'> & { readonly later: number };

/** A log in which this has happened in a circle, and its trail. */
const played = async (steps: readonly Step[]) => {
  let gap = 1;
  const log = memoryLog({ step: () => (gap = (gap % 3) + 1) });
  let at = epochMs;
  const happened: TrailItem[] = [];
  for (const { by, later, deed, stream, id, together } of steps) {
    at += later;
    const inStream = deed < deeds.length;
    const made = inStream ? deeds[deed]?.(id, by) : changes[deed - deeds.length]?.(stream, by);
    const one = { ...made, at, by } as LoggedEvent;
    const of = inStream ? ofStream(stream) : ofCircle;
    const { seq, commit } = log.record(
      of,
      Array.from({ length: together }, () => one),
    );
    log.record(circleAggregate(other), [{ ...event('circle-updated', { name: 'o' }), at, by }]);
    const { user, id: about } = one.d as { user?: string; id?: string };
    for (let index = 0; index < together; index++) {
      const place = seq * 512 + index;
      const where = inStream ? { stream, message: about } : { ...(about && { stream: about }) };
      happened.push({
        ...{ circle, k: one.k, n: commit.n + index, at, by, place, seq, index },
        ...where,
        ...(user && { user }),
      } as TrailItem);
    }
  }
  const store = memoryStore();
  const runner = await startRunner({ log, store, projections: [trail], collectMs: 0 });
  await runner.caughtUp();
  await runner.stop();
  return { queries: trailQueries(store), happened };
};

type Queries = ReturnType<typeof trailQueries>;
type Asked = {
  readonly filter: TrailFilter;
  readonly order: 'asc' | 'desc';
  readonly limit: number;
};

const allPages = async (queries: Queries, { filter, order, limit }: Asked) => {
  const items: TrailItem[] = [];
  let stretch: TrailBounds | undefined = {};
  while (stretch) {
    const page = await queries.page(circle, filter, { ...stretch, order, limit });
    expect(page.items.length).toBeLessThanOrEqual(limit);
    items.push(...page.items);
    stretch = page.next;
  }
  return items;
};

const keysOf = (items: readonly TrailItem[]) => items.map(({ place, k, n }) => [place, k, n]);

test(`what is asked of the trail is what a look through the log gives (seed ${seed})`, async () => {
  const filters = fc.record(
    {
      by: fc.constantFrom(...people),
      user: fc.constantFrom(...people),
      stream: fc.constantFrom(...streams),
      kind: fc.constantFrom('message-posted', 'reaction-added', 'member-joined', 'stream-updated'),
      since: fc.nat(200).map((ms) => epochMs + ms),
      until: fc.nat(200).map((ms) => epochMs + ms),
    },
    { requiredKeys: [] },
  );
  const order = fc.constantFrom('asc' as const, 'desc' as const);
  const asked = fc.record({ filter: filters, order, limit: fc.integer({ min: 1, max: 5 }) });
  const law = fc.asyncProperty(
    fc.array(step, { maxLength: 30 }),
    fc.array(asked, { maxLength: 5 }),
    fc.nat(250),
    async (steps, questions, ms) => {
      const { queries, happened } = await played(steps);
      for (const question of questions) {
        const { since = 0, until = Infinity, ...equal } = question.filter;
        const fit = happened.filter((item) =>
          Object.entries(equal).every(([field, value]) =>
            field === 'kind' ? item.k === value : item[field as 'by'] === value,
          ),
        );
        const expected = keysOf(fit.filter(({ at }) => at >= since && at < until));
        const found = keysOf(await allPages(queries, question));
        expect(found).toEqual(question.order === 'asc' ? expected : expected.reverse());
      }
      const at = epochMs + ms - 20;
      const place = await queries.placeAt(circle, at);
      expect(place).toBe(happened.findLast((item) => item.at <= at)?.place ?? 0);
      const before = happened.filter((item) => item.place <= place);
      const own = before.findLast(({ k }) => !/^(message|reaction)-/.test(k));
      expect((await queries.lastUpTo(circle, {}, place))?.place).toBe(own?.place);
      for (const stream of streams) {
        const last = before.findLast((item) => item.stream === stream && item.message);
        expect((await queries.lastUpTo(circle, { stream }, place))?.place).toBe(last?.place);
      }
      const done = before.filter(({ k, message }) => message && k !== 'message-posted');
      expect(keysOf(await queries.ofMessages(circle, ids, place))).toEqual(keysOf(done));
    },
  );
  await fc.assert(law, { seed, numRuns: 60 });
});

test(`a clock that was set back hides nothing from a time (seed ${seed})`, async () => {
  const jump = fc.constantFrom(0, 1, 50, 40_000, -1, -30_000, -90_000);
  const steps = fc.array(
    fc.tuple(step, jump).map(([one, later]): Step => ({ ...one, later })),
    { minLength: 1, maxLength: 60 },
  );
  const law = fc.asyncProperty(steps, fc.nat(400), async (drawn, part) => {
    const { queries, happened } = await played(drawn);
    let top = 0;
    let back = usualBackMs;
    for (const { at } of happened) {
      back = Math.max(back, top - at);
      top = Math.max(top, at);
    }
    const first = Math.min(...happened.map(({ at }) => at)) - 1;
    const asked = first + Math.round(((top - first + 2) * part) / 400);
    const last = happened.findLast(({ at }) => at <= asked)?.place ?? 0;
    expect(await queries.lastAt(circle, { at: asked, backMs: back })).toBe(last);
    const log = {
      head: async () => 1,
      at: async () => [{ commit: { back } } as never],
    };
    const where = { circle, partition: 0 };
    for (const [filter, fits] of [
      [{ since: asked }, (at: number) => at >= asked],
      [{ until: asked }, (at: number) => at < asked],
    ] as const) {
      const stretch = await rangeFor({ trail: queries, log }, where, filter);
      const inside = ({ place }: TrailItem) =>
        stretch !== undefined &&
        place >= (stretch.from ?? 0) &&
        place <= (stretch.until ?? Number.POSITIVE_INFINITY);
      expect(happened.filter(({ at }) => fits(at)).every(inside)).toBe(true);
    }
  });
  await fc.assert(law, { seed, numRuns: 100 });
});

test('a page looks at a bounded number of rows, and goes on behind them', async () => {
  const post: Step = {
    by: people[0] ?? '',
    later: 1,
    deed: 0,
    stream: streams[0],
    id: ids[0] ?? '',
    together: 3,
  };
  const rare: Step = { ...post, deed: 2, together: 1 };
  const posts = Array.from({ length: Math.ceil(trailRowsMax / 3) + 10 }, () => post);
  const { queries } = await played([rare, ...posts]);
  const range = { order: 'desc', limit: 2 } as const;
  const first = await queries.page(circle, { kind: 'reaction-added' }, range);
  expect(first.items).toEqual([]);
  const second = await queries.page(
    circle,
    { kind: 'reaction-added' },
    { ...range, ...first.next },
  );
  expect(second.items).toHaveLength(1);
  expect(second.next).toBeUndefined();
});

test('the place of a time is found among many, however unevenly they came', async () => {
  const said: Step = {
    ...{ by: people[0] ?? '', deed: 0, stream: streams[0], id: ids[0] ?? '' },
    ...{ later: 0, together: 1 },
  };
  // Long silences, many at one moment, and everything between.
  const gaps = Array.from({ length: 300 }, (_, at) => (at % 80 === 0 ? 500_000 : (at * 7) % 5));
  const { queries, happened } = await played(gaps.map((later) => ({ ...said, later })));
  const first = happened[0]?.at ?? 0;
  expect(await queries.placeAt(circle, first - 1)).toBe(0);
  for (const { at } of happened.filter((_, index) => index % 37 === 0)) {
    for (const asked of [at - 1, at, at + 1, at + 1000].filter((time) => time >= first)) {
      const place = await queries.placeAt(circle, asked);
      expect([asked, place]).toEqual([asked, happened.findLast((item) => item.at <= asked)?.place]);
    }
  }
});
