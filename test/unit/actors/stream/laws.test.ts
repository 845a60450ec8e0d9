import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isRefusal } from '../../../../src/actors/decision.ts';
import type { Outcome } from '../../../../src/actors/outcome.ts';
import type { StreamCommand } from '../../../../src/actors/stream/commands.ts';
import { withPast } from '../../../../src/actors/stream/past.ts';
import { streamRulesFor } from '../../../../src/actors/stream/rules.ts';
import { Writer } from '../../../../src/actors/writer.ts';
import { lookUpIn } from '../../../../src/app/lookups.ts';
import { pageOf } from '../../../../src/app/views/messages.ts';
import { streamAggregate } from '../../../../src/events/aggregate.ts';
import type { LoggedEvent } from '../../../../src/events/commit.ts';
import type { StreamId, UserId } from '../../../../src/events/ids.ts';
import type { EventIn } from '../../../../src/events/kinds/kinds.ts';
import type { EventLog } from '../../../../src/events/log.ts';
import type { Runner } from '../../../../src/projections/runner/following.ts';
import { lazyModels } from '../../../contract/doubles/lazy-models.ts';
import { type MemoryLog, memoryLog } from '../../../contract/doubles/memory-log.ts';
import { NaiveStream } from '../../../support/checkers/naive-stream.ts';
import { memorySnapshots } from '../../../support/checkers/tally.ts';
import { settle } from '../../../support/doubles/virtual-time.ts';
import {
  circle,
  circleOf,
  founded,
  joined,
  member,
  owner,
} from '../../../support/fixtures/circle-past.ts';
import { epochMs } from '../../../support/fixtures/given.ts';
import { numbered, stamped } from '../../../support/generators/chatter.ts';

const parameters = { seed: 20_261_201, numRuns: 150, verbose: 1 } as const;
const law = `stream, seed ${parameters.seed}`;

/** Much less than a server keeps, and as many as are asked for at once. */
const sizes = { recentMessagesMin: 4, recentReactionsMin: 4 };
const atOnceMax = 4;

const people = [owner, member, numbered(4) as UserId] as const;
const past = [...founded('public'), joined(people[2])];
const world = circleOf(past);
const s = `${circle}/${circle}`;
const aggregate = streamAggregate(circle, circle as string as StreamId);

const who = fc.constantFrom(...people);
/** Ids in an order of their own: some carry a time that is yet to come. */
const id = fc
  .integer({ min: 1, max: 14 })
  .map((index) =>
    index % 5 === 0 ? numbered(index).replace('00000000-0000', 'ffffffff-0000') : numbered(index),
  );
const emoji = fc.constantFrom('👍', '🐙', '❤️', '.\uFE0F', '%2E\uFE0F');
/** Reactions of an earlier version, which kept emojis as they came. */
const earlier = fc.array(
  fc.record({
    id: fc.integer({ min: 1, max: 4 }).map(numbered),
    by: who,
    emoji: fc.constantFrom('👍', '👍\uFE0F', '❤️', '❤', '.\uFE0F'),
  }),
  { maxLength: 20 },
);
const text = fc.constantFrom('one', 'two', 'three');
const named = fc.subarray([...people]).map((users) => users.map((user) => [user]));
const op = <Op extends StreamCommand['op']>(...each: Op[]) => fc.constantFrom(...each);
const place = {
  circle: fc.constant(circle),
  stream: fc.constant(circle),
  at: fc.constant(epochMs),
};
const common = { ...place, by: who, id };

const command: fc.Arbitrary<StreamCommand> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ ...common, op: op('post-message'), text, named }) },
  { weight: 2, arbitrary: fc.record({ ...common, op: op('edit-message'), text, named }) },
  { weight: 1, arbitrary: fc.record({ ...common, op: op('delete-message') }) },
  { weight: 6, arbitrary: fc.record({ ...common, op: op('react', 'react', 'unreact'), emoji }) },
  { weight: 2, arbitrary: fc.record({ ...common, op: op('pin', 'unpin') }) },
);
/** `away`, `back`: the store of the read models. */
type Step = readonly StreamCommand[] | 'passivate' | 'crash' | 'settle' | 'away' | 'back';

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.array(command, { minLength: 1, maxLength: atOnceMax }) },
  { weight: 1, arbitrary: fc.constantFrom<Step>('passivate', 'crash', 'settle', 'away', 'back') },
);
const history = fc.array(step, { minLength: 5, maxLength: 60, size: 'max' });

/** Whoever writes the stream, and read models that are never ahead of what is asked of them. */
const stage = (log: EventLog) => {
  const lazy = lazyModels(log);
  const runner = lazy as unknown as Runner;
  const snapshots = memorySnapshots();
  const store = { away: false, isAway: () => store.away };
  const sources = { models: lazy.models, isAway: store.isAway, log, runner, partitions: 1 };
  const prepare = withPast(aggregate, lookUpIn(sources));
  const begin = () =>
    new Writer({
      ...{ aggregate, log, snapshots, prepare },
      ...{ rules: streamRulesFor(sizes), world: () => world },
    });
  return { ...lazy, store, begin };
};

const toldOf = (outcome: Outcome) =>
  isRefusal(outcome)
    ? outcome.refused
    : inOrder(outcome.events.map(({ k, v, d }) => ({ k, v, d })));

const inOrder = <Told>(told: Told): Told =>
  Array.isArray(told) ? (told.toSorted(byEmoji) as Told) : told;
const byEmoji = (a: EventIn<'stream'>, b: EventIn<'stream'>): number =>
  'emoji' in a.d && 'emoji' in b.d && a.d.emoji > b.d.emoji ? 1 : -1;

type Stage = ReturnType<typeof stage>;

/** Lets it all happen, and compares what each command comes to with what it should. */
const play = async (steps: readonly Step[], { begin, store }: Stage, naive: NaiveStream) => {
  let writer = begin();
  for (const next of steps) {
    if (next === 'settle') await settle();
    else if (next === 'away' || next === 'back') store.away = next === 'away';
    else if (next === 'crash') writer = begin();
    else if (next === 'passivate') {
      await writer.stop();
      writer = begin();
    } else {
      const outcomes = await Promise.all(next.map((each) => writer.ask(each)));
      expect(outcomes.map(toldOf)).toEqual(next.map((each) => inOrder(naive.decide(each))));
    }
  }
};

/** Four messages as an earlier version left them in the log, and reactions to them. */
const recordEarlier = (
  log: MemoryLog,
  naive: NaiveStream,
  reactions: readonly { readonly id: string; readonly by: UserId; readonly emoji: string }[],
): void => {
  for (const index of [1, 2, 3, 4]) {
    const post = { op: 'post-message', id: numbered(index), text: 'old', named: [] } as const;
    const events = naive.decide({ ...post, circle, stream: circle, by: owner, at: epochMs });
    if (typeof events === 'string') throw new Error(events);
    log.record(aggregate, [{ ...events[0], at: epochMs, by: owner } as LoggedEvent]);
  }
  const all = new Map(reactions.map((each) => [JSON.stringify(each), each]));
  for (const { id, by, emoji } of all.values()) {
    naive.reacted(id, by, emoji);
    log.record(aggregate, [{ ...stamped('reaction-added', { id, emoji }), by }]);
  }
};

it(`${law}: whatever was forgotten, passivated or crashed, it decides as if it knew all [W8] [H4] [H5] [H6]`, () =>
  fc.assert(
    fc.asyncProperty(history, earlier, async (steps, reactions) => {
      const log = memoryLog();
      log.record(aggregate, [stamped('stream-opened', {})]);
      const naive = new NaiveStream(owner);
      recordEarlier(log, naive, reactions);
      const staged = stage(log);
      const { models } = staged;
      await play(steps, staged, naive);
      await staged.whenApplied({ seq: await log.head(0) });
      for (const user of people) {
        const { messages } = await pageOf({ models, turn: settle }, { s, user }, { limit: 200 });
        const shown = messages.map(({ s: _, n: __, at: ___, editedAt: ____, ...rest }) => rest);
        expect(shown).toEqual(naive.seenBy(user));
      }
      const pins = await models.pins.ofStream(s, { before: undefined, limit: 200 });
      expect(pins.map((pin) => pin.id)).toEqual(naive.pins.toReversed());
    }),
    parameters,
  ));
