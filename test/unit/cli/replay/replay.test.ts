import fc from 'fast-check';
import { expect, test } from 'vitest';
import { time } from '../../../../src/cli/parsing/arguments.ts';
import { kind } from '../../../../src/cli/parsing/kind-arguments.ts';
import { type Filter, sieveOf } from '../../../../src/cli/replay/filter.ts';
import type { Output } from '../../../../src/cli/replay/output.ts';
import {
  positionsFor,
  positionsIn,
  type ReplayPosition,
  written,
} from '../../../../src/cli/replay/positions.ts';
import { Printer } from '../../../../src/cli/replay/printing.ts';
import { replayAll } from '../../../../src/cli/replay/run.ts';
import { clockBackMsMax } from '../../../../src/cli/replay/times.ts';
import { type Aggregate, userAggregate } from '../../../../src/events/aggregate.ts';
import { encode } from '../../../../src/events/codec.ts';
import type { LoggedEvent } from '../../../../src/events/commit.ts';
import type { UserId } from '../../../../src/events/ids.ts';
import type { RawCommit, RawLog } from '../../../../src/events/raw-log.ts';
import { rawMemoryLog } from '../../../contract/doubles/raw-memory-log.ts';
import { goldenCommits } from '../../../support/fixtures/golden.ts';
import {
  circleNumber,
  numbered,
  posted,
  stamped,
  streamNumber,
} from '../../../support/generators/chatter.ts';

const parameters = { seed: 20_261_125, numRuns: 150, verbose: 1 } as const;
const law = `seed ${parameters.seed}`;

/** An output that keeps all, and ends like the real one. */
const paper = () => {
  const ending = new AbortController();
  let text = '';
  const output: Output = {
    signal: ending.signal,
    write: async (more) => {
      text += more;
    },
    end: (reason) => ending.abort(reason),
    close: () => {},
  };
  const lines = () => text.split('\n').filter((line) => line !== '');
  return { output, lines };
};

type Asked = { readonly filter?: Filter; readonly after?: string; readonly limit?: number };

const headsOf = (log: RawLog): Promise<number[]> =>
  Promise.all(Array.from({ length: log.info.partitions }, (_, partition) => log.head(partition)));

/** What a replay prints, and where it says that one can go on. */
const replayed = async (log: RawLog, { filter = {}, after, limit = Infinity }: Asked = {}) => {
  const { output, lines } = paper();
  const heads = await headsOf(log);
  const places = positionsFor(heads, after ? positionsIn(after) : new Map());
  const printer = new Printer({ sieve: sieveOf(filter), output, places, limit });
  await replayAll(log, heads, { printer, output, filter });
  return { lines: lines(), after: written(printer.places), isOver: !output.signal.aborted };
};

const begun = 1_700_000_000_000;
const ada = numbered(1);
const people = [ada, numbered(2), numbered(3)];

const eventsOf: readonly (readonly [Aggregate, LoggedEvent])[] = [
  [userAggregate(ada as UserId), stamped('session-opened', { id: numbered(9), digest: 'x' })],
  [userAggregate(numbered(2) as UserId), stamped('session-closed', { id: numbered(9) })],
  [circleNumber(5), stamped('member-removed', { user: ada })],
  [streamNumber(5), posted(7, `"k":"member-removed" and "by":"${ada}" in a text`)],
  [streamNumber(6), stamped('reaction-added', { id: numbered(7), emoji: '👍' })],
];

/**
 * Two partitions of commits of some events each; the clock goes on, and back by at most so much. `notes`: the log says
 * by how much.
 */
const anyLog = (backMsMax: number, { notes = false } = {}) =>
  fc
    .array(
      fc.record({
        partition: fc.nat(1),
        skipped: fc.nat(2),
        which: fc.nat(eventsOf.length - 1),
        by: fc.constantFrom(...people),
        count: fc.integer({ min: 1, max: 4 }),
        back: fc.nat(backMsMax),
      }),
      { maxLength: 30 },
    )
    .map((commits) => {
      const partitions: RawCommit[][] = [[], []];
      const numbers = new Map<string, number>();
      const noted = notes ? { back: backMsMax } : {};
      for (const [index, { partition, skipped, which, by, count, back }] of commits.entries()) {
        const [aggregate, event] = eventsOf[which] as (typeof eventsOf)[number];
        const at = begun + index * 60_000 * 20 - back;
        const events = Array.from({ length: count }, () => ({ ...event, at, by }));
        const n = (numbers.get(`${partition}${aggregate}`) ?? 0) + 1;
        numbers.set(`${partition}${aggregate}`, n + count - 1);
        const bytes = encode({ id: `c${index}`, n, prev: '', term: 1, ...noted, events });
        const seq = (partitions[partition]?.at(-1)?.seq ?? 0) + 1 + skipped;
        partitions[partition]?.push({ aggregate, seq, bytes });
      }
      return rawMemoryLog(partitions);
    });

test(`pieces of any size, each going on where the one before has ended, are the whole (${law})`, () =>
  fc.assert(
    fc.asyncProperty(
      anyLog(0),
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
      fc.boolean(),
      async (log, sizes, filtered) => {
        const filter: Filter = filtered ? { by: ada } : {};
        const whole = await replayed(log, { filter });
        const pieces: string[] = [];
        let after = '';
        for (let round = 0; ; round++) {
          const limit = sizes[round % sizes.length] ?? 1;
          const piece = await replayed(log, { filter, after, limit });
          pieces.push(...piece.lines);
          after = piece.after;
          if (piece.isOver) break;
          expect(piece.lines).toHaveLength(limit);
        }
        expect(pieces).toEqual(whole.lines);
        expect((await replayed(log, { filter, after })).lines).toEqual([]);
      },
    ),
    parameters,
  ));

test(`the position and the number of any line go on behind it (${law})`, () =>
  fc.assert(
    fc.asyncProperty(anyLog(0), fc.nat(), async (log, choice) => {
      const { lines } = await replayed(log);
      fc.pre(lines.length > 0);
      const index = choice % lines.length;
      const at: { position: string; n: number } = JSON.parse(lines[index] ?? '');
      const [first] = await headsOf(log);
      const before = at.position.startsWith('1:') && first ? `0:${first},` : '';
      const { lines: rest } = await replayed(log, { after: `${before}${at.position}/${at.n}` });
      expect(rest).toEqual(lines.slice(index + 1));
    }),
    parameters,
  ));

type Line = Pick<LoggedEvent, 'at' | 'by' | 'k'> & { readonly of: string };

const naivelyFits = ({ of, at, by, k }: Line, filter: Filter): boolean => {
  const [name, first, second] = of.split('.');
  return [
    filter.circle === undefined || (name !== 'user' && first === filter.circle),
    filter.stream === undefined || (name === 'stream' && second === filter.stream),
    filter.user === undefined || by === filter.user || of === `user.${filter.user}`,
    filter.by === undefined || by === filter.by,
    filter.kinds === undefined || filter.kinds.includes(k),
    filter.since === undefined || at >= filter.since,
    filter.until === undefined || at < filter.until,
  ].every(Boolean);
};

test(`filters keep what a look at each line keeps, also when the clock was set back (${law})`, () =>
  fc.assert(
    fc.asyncProperty(
      fc.oneof(anyLog(clockBackMsMax), anyLog(20 * clockBackMsMax, { notes: true })),
      fc.record(
        {
          circle: fc.constantFrom(numbered(5), numbered(6)),
          stream: fc.constantFrom(numbered(5), numbered(6)),
          user: fc.constantFrom(...people),
          by: fc.constantFrom(...people),
          kinds: fc.uniqueArray(
            fc.constantFrom('message-posted', 'member-removed', 'session-opened' as const),
            { minLength: 1 },
          ),
          since: fc.nat(40).map((steps) => begun + steps * 60_000 * 15),
          until: fc.nat(40).map((steps) => begun + steps * 60_000 * 15),
        },
        { requiredKeys: [] },
      ),
      async (log, filter) => {
        const { lines } = await replayed(log);
        const kept = lines.filter((line) => naivelyFits(JSON.parse(line), filter as Filter));
        expect((await replayed(log, { filter: filter as Filter })).lines).toEqual(kept);
      },
    ),
    parameters,
  ));

test('a search by time looks at a few places, not at all', async () => {
  const commits = Array.from({ length: 4096 }, (_, index): RawCommit => {
    const event = { ...posted(index), at: begun + index * 60_000 };
    const bytes = encode({ id: 'c', n: index + 1, prev: '', term: 1, events: [event] });
    return { aggregate: streamNumber(1), seq: index + 1, bytes };
  });
  const log = rawMemoryLog([commits]);
  let looked = 0;
  let read = 0;
  const watched: RawLog = {
    ...log,
    firstFrom: (...where) => {
      looked++;
      return log.firstFrom(...where);
    },
    scan: (partition, stretch) => {
      read += stretch.upTo - stretch.after;
      return log.scan(partition, stretch);
    },
  };
  const since = begun + 2000 * 60_000;
  const { lines } = await replayed(watched, { filter: { since, until: since + 10 * 60_000 } });
  expect(lines).toHaveLength(10);
  expect(looked).toBeLessThanOrEqual(26);
  expect(read).toBeLessThanOrEqual(10 + (2 * clockBackMsMax) / 60_000 + 2);
});

test('events of old versions are printed in their newest form, and found by it', async () => {
  const log = rawMemoryLog([
    goldenCommits('v1').map(({ aggregate, bytes }, index) => ({
      ...{ aggregate: aggregate as Aggregate, seq: index + 1, bytes },
    })),
  ]);
  const { lines } = await replayed(log, { filter: { kinds: ['session-opened'] } });
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { v: 2, d: { digest: 'f'.repeat(43) } },
  ]);
  const ended = await replayed(log, { filter: { kinds: ['connection-ended'] } });
  expect(ended.lines.map((line) => JSON.parse(line))).toMatchObject([{ d: { code: 4508 } }]);
});

test('what cannot be read is an error that names its position', async () => {
  const bad = { aggregate: streamNumber(1), seq: 7, bytes: Buffer.from('{"v":1') };
  await expect(replayed(rawMemoryLog([[], [bad]]))).rejects.toThrow(
    'the commit at 1:7 cannot be read: invalid JSON',
  );
});

test('positions are read as they are written', () => {
  const places: ReplayPosition[] = [{ seq: 12 }, { seq: 0 }, { seq: 3, n: 44 }];
  expect(written(places)).toBe('0:12,2:3/44');
  expect(positionsFor([20, 20, 20], positionsIn('2:3/44', positionsIn('0:12')))).toEqual(places);
  for (const text of ['', '12', '0:', ':1', '0:1/', '0:-1', '0:1.5', '0:1,', 'a:1']) {
    expect(() => positionsIn(text), text).toThrow('must be <partition>:<seq>');
  }
  expect(() => positionsIn('0:1,0:2')).toThrow('contains partition 0 twice');
  expect(() => positionsFor([5], positionsIn('1:1'))).toThrow('the log has 1 partitions');
  expect(() => positionsFor([5], positionsIn('0:6'))).toThrow(
    'is beyond the end of the log, which is 0:5',
  );
});

test('a kind or a time that is none is answered with what it could be', () => {
  expect(() => kind('message-post')).toThrow('did you mean message-posted?');
  expect(kind('member-left', ['member-joined'])).toEqual(['member-joined', 'member-left']);
  expect(time('2026-03-03')).toBe(Date.UTC(2026, 2, 3));
  expect(time('2026-03-03T14:05+01:00')).toBe(Date.UTC(2026, 2, 3, 13, 5));
  expect(time('1700000000000')).toBe(begun);
  for (const text of ['', 'yesterday', '2026-13-01', '03.03.2026', '1e9', '-5']) {
    expect(() => time(text), text).toThrow('must be a time: 2026-03-03');
  }
});
