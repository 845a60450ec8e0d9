import fc from 'fast-check';
import { accessOf } from '../../../src/access/access.ts';
import type { CircleCommand } from '../../../src/actors/circle/commands.ts';
import { circleRules } from '../../../src/actors/circle/rules.ts';
import type { CircleState, StreamEntry } from '../../../src/actors/circle/state.ts';
import { isRefusal } from '../../../src/actors/decision.ts';
import type { StreamCommand } from '../../../src/actors/stream/commands.ts';
import { circleAggregate, streamAggregate } from '../../../src/events/aggregate.ts';
import type { LoggedEvent } from '../../../src/events/commit.ts';
import { eventKey } from '../../../src/events/event-key.ts';
import type { StreamId, UserId } from '../../../src/events/ids.ts';
import { type EventIn, event, type KnownEvent } from '../../../src/events/kinds/kinds.ts';
import { type MemoryLog, memoryLog } from '../../contract/doubles/memory-log.ts';
import { NaiveStream } from '../checkers/naive-stream.ts';
import { circle, member, owner } from '../fixtures/circle-past.ts';
import { epochMs } from '../fixtures/given.ts';
import { numbered } from './chatter.ts';

export const people = [owner, member, numbered(4) as UserId] as const;
export const streams = [circle as string, numbered(101)] as const;

/** A command without who asks, when and where. */
type Ask = { readonly op: string };

/** Commands that are decided together, and how much time has passed before them. */
export type Step = { readonly by: string; readonly later: number } & (
  | { readonly asks: readonly Ask[] }
  | { readonly stream: string; readonly says: readonly Ask[] }
);

const who = fc.constantFrom<string>(...people);
const stream = fc.constantFrom(...streams);
const word = fc.constantFrom('one', 'two', 'three');
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const code = fc.constantFrom('abc', 'def');
const op = <Op extends string>(...each: Op[]) => fc.constantFrom(...each);
const visibility = op('public', 'private');

const circleCommand = fc.oneof(
  fc.record({ op: op('update-circle'), id: fc.constant(circle), name: word, visibility }),
  fc.record({
    ...{ op: op('update-circle'), id: fc.constant(circle) },
    about: fc.constantFrom('about', null),
  }),
  fc.record({ op: op('join-circle'), joined: fc.constant(0), invite: maybe(code) }),
  fc.record({ op: op('join-circle'), joined: fc.constant(0) }),
  fc.record({ op: op('leave-circle') }),
  fc.record({ op: op('remove-member'), user: who, known: fc.constant(true) }),
  fc.record({
    ...{ op: op('create-invite'), code },
    ...{ expiresIn: fc.constantFrom(0, 5), maxUses: fc.nat(2) },
  }),
  fc.record({ op: op('revoke-invite'), code, known: fc.constant(undefined) }),
  fc.record({
    ...{ op: op('set-member-data'), nickname: maybe(fc.constantFrom('nick', null)) },
    data: maybe(fc.constantFrom(null, 0, 'secret')),
  }),
  fc.record({ op: op('create-stream'), id: stream, name: word, topic: maybe(word) }),
  fc.record({
    ...{ op: op('update-stream'), id: stream, name: word },
    ...{ topic: fc.constantFrom(undefined, null, 'topic'), archived: fc.boolean() },
  }),
);

const ending = fc.oneof(
  fc.record({ op: op('delete-stream'), id: stream }),
  fc.record({ op: op('delete-circle'), id: fc.constant(circle) }),
);

const id = fc.integer({ min: 1, max: 9 }).map(numbered);
const emoji = fc.constantFrom('👍', '🐙');
const named = fc.subarray([...people]).map((users) => users.map((user) => [user]));
const streamCommand = fc.oneof(
  { weight: 5, arbitrary: fc.record({ op: op('post-message'), id, text: word, named }) },
  { weight: 3, arbitrary: fc.record({ op: op('edit-message'), id, text: word, named }) },
  { weight: 1, arbitrary: fc.record({ op: op('delete-message'), id }) },
  { weight: 4, arbitrary: fc.record({ op: op('react', 'react', 'unreact'), id, emoji }) },
  { weight: 2, arbitrary: fc.record({ op: op('pin', 'unpin'), id }) },
);

const moved = { by: fc.constantFrom<string>(owner, ...people), later: fc.nat(3) };
const several = <T>(each: fc.Arbitrary<T>) => fc.array(each, { minLength: 1, maxLength: 4 });

/** What happens to a circle and in its two streams. */
export const pastSteps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    { weight: 9, arbitrary: fc.record({ ...moved, asks: several(circleCommand) }) },
    { weight: 1, arbitrary: fc.record({ ...moved, asks: fc.tuple(ending) }) },
    { weight: 12, arbitrary: fc.record({ ...moved, stream, says: several(streamCommand) }) },
  ),
  { minLength: 5, maxLength: 50, size: 'max' },
) as fc.Arbitrary<readonly Step[]>;

/** The circle after one of its events, as its own rules saw it. */
export type CircleFrame = {
  readonly at: number;
  readonly place: number;
  readonly state: Omit<CircleState, 'members'>;
  /** The members, and when they joined. */
  readonly members: ReadonlyMap<string, number>;
  /** Whom the rules would let read. */
  readonly readers: readonly string[];
  readonly streams: ReadonlyMap<string, StreamEntry>;
};

/** A stream after one of its events, as each of the people saw it. */
export type StreamFrame = {
  readonly at: number;
  readonly place: number;
  readonly seen: readonly ReturnType<NaiveStream['seenBy']>[];
};

/** Lets it happen, and keeps everything as it was after each event. */
export class PastPlay {
  readonly log: MemoryLog = memoryLog();
  /** By the number of the event; 0: before the first. */
  readonly circles: CircleFrame[] = [];
  readonly streams = new Map<string, StreamFrame[]>();
  #now = epochMs;
  #state = circleRules.initial();
  readonly #joinedAt = new Map<string, number>();
  readonly #naive = new Map(streams.map((each) => [each, new NaiveStream(owner)]));

  constructor(steps: readonly Step[]) {
    const born = { id: circle, name: 'Tea', visibility: 'public', joined: 0 } as const;
    this.#ask(owner, [{ op: 'create-circle', ...born }]);
    for (const step of steps) {
      this.#now += step.later;
      if ('asks' in step) this.#ask(step.by, step.asks);
      else this.#say(step);
    }
  }

  #stamp(by: string, events: readonly KnownEvent[]): LoggedEvent[] {
    return events.map((each) => ({ ...each, by, at: this.#now }) as LoggedEvent);
  }

  #ask(by: string, asks: readonly Ask[]): void {
    const events: EventIn<'circle'>[] = [];
    const frames: Pick<CircleFrame, 'state' | 'members'>[] = [];
    for (const ask of asks) {
      const command = { ...ask, circle, by, at: this.#now } as unknown as CircleCommand;
      const decision = circleRules.decide(this.#state, command, undefined);
      for (const each of isRefusal(decision) ? [] : decision.events) {
        const n = this.circles.length + events.length + 1;
        circleRules.evolve(this.#state, each, { n, at: this.#now, by, seq: 0 });
        events.push(each);
        if (each.k === 'member-joined') this.#joinedAt.set(each.d.user, this.#now);
        frames.push(this.#kept());
      }
    }
    if (events.length === 0) return;
    const { seq } = this.log.record(circleAggregate(circle), this.#stamp(by, events));
    for (const [index, kept] of frames.entries()) this.#frame(kept, eventKey(seq, index));
  }

  #kept(): Pick<CircleFrame, 'state' | 'members'> {
    const { members: now, ...state } = this.#state;
    const members = [...now].map((user) => [user, this.#joinedAt.get(user) ?? 0] as const);
    return { state: structuredClone(state), members: new Map(members) };
  }

  #frame({ state, members }: Pick<CircleFrame, 'state' | 'members'>, place: number): void {
    const readers = people.filter(
      (user) => accessOf({ ...state, members }, user).refusal === undefined,
    );
    const left = [...state.streams].filter(
      ([, { status }]) => status !== 'deleted' && state.status === 'open',
    );
    this.circles.push({
      ...{ at: this.#now, place, state, members, readers },
      streams: new Map(left),
    });
  }

  #say({ stream: id, by, says }: Extract<Step, { says: unknown }>): void {
    const state = this.#state;
    const isIn = accessOf(state, by).refusal === undefined;
    const naive = this.#naive.get(id);
    if (!(naive && isIn && state.streams.get(id)?.status === 'open')) return;
    const frames = this.streams.get(id) ?? [];
    const see = () => people.map((user) => naive.seenBy(user));
    const events: EventIn<'stream'>[] = [];
    const seen: StreamFrame['seen'][] = [];
    for (const say of says) {
      const empty = see();
      const told = naive.decide({
        ...say,
        circle,
        stream: id,
        by,
        at: this.#now,
      } as unknown as StreamCommand);
      if (typeof told === 'string' || told.length === 0) continue;
      if (frames.length + events.length === 0) {
        events.push(event('stream-opened', {}));
        seen.push(empty);
      }
      events.push(...told);
      seen.push(see());
    }
    if (events.length === 0) return;
    this.streams.set(id, frames);
    const aggregate = streamAggregate(circle, id as StreamId);
    const { seq } = this.log.record(aggregate, this.#stamp(by, events));
    for (const [index, each] of seen.entries()) {
      frames.push({ at: this.#now, place: eventKey(seq, index), seen: each });
    }
  }
}
