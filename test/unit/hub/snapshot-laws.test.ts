import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { StreamCommand } from '../../../src/actors/stream/commands.ts';
import type { ReadBarrier } from '../../../src/app/read-barrier.ts';
import type { MessagePage } from '../../../src/app/views/messages.ts';
import { circleAggregate, streamAggregate, userAggregate } from '../../../src/events/aggregate.ts';
import type { LoggedEvent } from '../../../src/events/commit.ts';
import type { StreamId, UserId } from '../../../src/events/ids.ts';
import type { Position } from '../../../src/events/position.ts';
import { answerPage } from '../../../src/hub/page.ts';
import { streamSnapshot } from '../../../src/hub/snapshot.ts';
import type { MessageView, Range } from '../../../src/projections/models/messages.ts';
import type { ReadModels } from '../../../src/projections/read-models.ts';
import { lazyModels } from '../../contract/doubles/lazy-models.ts';
import type { MemoryLog } from '../../contract/doubles/memory-log.ts';
import { NaiveStream } from '../../support/checkers/naive-stream.ts';
import { settle } from '../../support/doubles/virtual-time.ts';
import { circle, founded, member, owner } from '../../support/fixtures/circle-past.ts';
import { epochMs } from '../../support/fixtures/given.ts';
import { hubStage, Viewer } from '../../support/fixtures/hub-stage.ts';
import { numbered, stamped } from '../../support/generators/chatter.ts';

const parameters = { seed: 20_261_202, numRuns: 80, verbose: 1 } as const;
const law = `reset, seed ${parameters.seed}`;

const people = [owner, member];
const s = `${circle}/${circle}`;
const aggregate = streamAggregate(circle, circle as string as StreamId);
const lastMax = 200;

const op = <Op extends StreamCommand['op']>(...each: Op[]) => fc.constantFrom(...each);
const place = {
  circle: fc.constant(circle),
  stream: fc.constant(circle),
  at: fc.constant(epochMs),
};
const id = fc.integer({ min: 1, max: 5 }).map(numbered);
const common = { ...place, by: fc.constantFrom(...people), id };
const text = fc.constantFrom('one', 'two');
const named = fc.constant([]);
const emoji = fc.constantFrom('👍', '.\uFE0F');

const command: fc.Arbitrary<StreamCommand> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ ...common, op: op('post-message'), text, named }) },
  { weight: 1, arbitrary: fc.record({ ...common, op: op('edit-message'), text, named }) },
  { weight: 1, arbitrary: fc.record({ ...common, op: op('delete-message', 'pin', 'unpin') }) },
  { weight: 6, arbitrary: fc.record({ ...common, op: op('react', 'unreact'), emoji }) },
);

/** `show`: the read models come so many commits further. */
type Doing = StreamCommand | { readonly show: number };
type Look = { readonly look: UserId; readonly last: number; readonly meanwhile: Doing[][] };
type Step = Doing | (Look & { readonly range: Omit<Range, 'limit'> });

const doing: fc.Arbitrary<Doing> = fc.oneof(
  { weight: 5, arbitrary: command },
  { weight: 1, arbitrary: fc.record({ show: fc.integer({ min: 1, max: 6 }) }) },
);
const look = fc.record({
  look: fc.constantFrom(...people),
  last: fc.constantFrom(1, 3, lastMax),
  meanwhile: fc.array(fc.array(doing, { maxLength: 3 }), { maxLength: 3 }),
  range: fc.oneof(
    fc.constant({}),
    fc.record({ before: fc.integer({ min: 0, max: 7 }) }),
    fc.record({ after: fc.integer({ min: 0, max: 7 }) }),
  ),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: doing },
  { weight: 1, arbitrary: look },
);

/** A stream in a log, what anybody should see of it at each event, and read models that are as far as the test says. */
class Play {
  readonly #log: MemoryLog;
  readonly #lazy: ReturnType<typeof lazyModels>;
  readonly #naive = new NaiveStream(owner);
  readonly #seen: ReadonlyMap<string, object[]>[] = [];
  #shown = 0;

  constructor(log: MemoryLog) {
    this.#log = log;
    this.#lazy = lazyModels(log);
    const circleEvents = founded('public').map((event) => ({
      ...stamped('stream-opened', {}),
      ...event,
    }));
    for (const user of people) {
      const registered = stamped('user-registered', { username: user });
      log.record(userAggregate(user), [{ ...registered, by: user }]);
    }
    log.record(circleAggregate(circle), circleEvents as LoggedEvent[]);
    this.#record([stamped('stream-opened', {})]);
  }

  /** What somebody should see at event `n`. */
  seenAt(n: number, user: string): object[] {
    return this.#seen[n]?.get(user) ?? [];
  }

  async show(seq: number): Promise<void> {
    this.#shown = Math.max(this.#shown, seq);
    await this.#lazy.whenApplied({ seq });
  }

  async does(next: Doing): Promise<void> {
    if ('show' in next) {
      return this.show(Math.min(this.#shown + next.show, await this.#log.head(0)));
    }
    const events = this.#naive.decide(next);
    if (typeof events === 'string' || events.length === 0) return;
    this.#record(events.map((event) => ({ ...event, at: epochMs, by: next.by }) as LoggedEvent));
  }

  /** The reader and the models of somebody who looks; things go on between what is read. */
  lookedAt(meanwhile: Doing[][]) {
    const { models } = this.#lazy;
    const goOn = async (): Promise<void> => {
      for (const next of meanwhile.shift() ?? []) await this.does(next);
    };
    const between =
      <Args extends unknown[], Result>(read: (...args: Args) => Promise<Result>) =>
      async (...args: Args): Promise<Result> => {
        await goOn();
        return read(...args);
      };
    const barrier = {
      applied: () => this.#shown,
      waitUntilApplied: ({ seq }: Position) => this.show(seq),
    } as unknown as ReadBarrier;
    const looking: ReadModels = {
      ...models,
      messages: { ...models.messages, page: between(models.messages.page) },
      reactions: { ...models.reactions, getMany: between(models.reactions.getMany) },
    };
    return { barrier, models: looking };
  }

  #record(events: LoggedEvent[]): void {
    const { commit } = this.#log.record(aggregate, events);
    this.#seen[commit.n] = new Map(people.map((user) => [user, this.#naive.seenBy(user)]));
  }
}

/** What of a stream's messages a page holds. */
const paged = (all: object[], { before, after, limit }: Range): object[] => {
  const numbered = all as { m: number }[];
  if (after !== undefined) return numbered.filter(({ m }) => m > after).slice(0, limit);
  return numbered.filter(({ m }) => before === undefined || m < before).slice(-limit);
};

const bare = ({ s: _, n: __, at: ___, editedAt: ____, ...rest }: MessageView) => rest;

it(`${law}: its messages are as they are at its event, whatever is read when, for who asks [W6]`, () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 5, maxLength: 60, size: 'max' }),
      async (steps) => {
        const { hub, log, open, errors } = await hubStage();
        const play = new Play(log);
        const { topic } = await open(new Viewer(1), s);
        for (const next of steps) {
          if (!('look' in next)) {
            await play.does(next);
            continue;
          }
          const { look: user, last, meanwhile } = next;
          const deps = { hub, partitions: 1, ...play.lookedAt([...meanwhile]) };
          const { n, state } = await streamSnapshot(deps, topic, { s, last, user, turn: settle });
          const { messages } = state as { messages: MessageView[] };
          expect(messages.map(bare)).toEqual(play.seenAt(n, user).slice(-last));
        }
        expect(errors).toEqual([]);
      },
    ),
    parameters,
  ));

it(`${law}: a page that follows shows what its events up to there say, and who wrote it [W6]`, () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 5, maxLength: 60, size: 'max' }),
      async (steps) => {
        const { hub, log, watch, errors } = await hubStage();
        const play = new Play(log);
        const viewer = new Viewer(1);
        const subscription = await watch(viewer, s);
        for (const next of steps) {
          if (!('look' in next)) {
            await play.does(next);
            continue;
          }
          const { look: user, last: limit, meanwhile, range } = next;
          const deps = { hub, partitions: 1, ...play.lookedAt([...meanwhile]) };
          const answers: MessagePage[] = [];
          const answer = (page: MessagePage): void => {
            const told = viewer.frames.flatMap(({ e = [] }) => e.map(({ n }) => n)).at(-1) ?? 1;
            expect(page.messages.map(bare)).toEqual(
              paged(play.seenAt(told, user), { ...range, limit }),
            );
            const authors = new Set(page.messages.map(({ by }) => by));
            expect(page.users.map((person) => person.id).sort()).toEqual([...authors].sort());
            answers.push(page);
          };
          await answerPage(deps, subscription, {
            request: { s, user, range: { ...range, limit }, turn: settle },
            answer,
          });
          expect(answers).toHaveLength(1);
        }
        expect(errors).toEqual([]);
      },
    ),
    parameters,
  ));
