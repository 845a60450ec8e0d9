import fc from 'fast-check';
import type { Caller } from '../../../src/app/sessions/sessions.ts';
import { readingOf } from '../../../src/app/views/reading.ts';
import { type UnreadView, unreadOf } from '../../../src/app/views/unread.ts';
import { nameAggregate } from '../../../src/events/aggregate.ts';
import { settle } from '../doubles/virtual-time.ts';
import { caller, type edgeStage } from '../fixtures/edge-stage.ts';
import { numbered, stamped } from './chatter.ts';

/**
 * What may happen: `who` is one of three people, `s` one of two streams, `at` one of its messages, which is edited
 * and deleted by its author.
 */
export type UnreadStep =
  | { readonly does: 'post'; readonly who: number; readonly s: number; readonly named: number[] }
  | { readonly does: 'pour'; readonly who: number; readonly s: number; readonly times: number }
  | {
      readonly does: 'edit' | 'delete' | 'mark';
      readonly who: number;
      readonly s: number;
      readonly at: number;
      readonly named: number[];
    }
  | { readonly does: 'join' | 'leave' | 'look'; readonly who: number };

const who = fc.nat(2);
const s = fc.nat(1);
const named = fc.array(who, { maxLength: 2 });
const does = <Does extends UnreadStep['does']>(...each: Does[]) => fc.constantFrom(...each);

export const unreadStep: fc.Arbitrary<UnreadStep> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ does: does('post'), who, s, named }) },
  {
    weight: 1,
    arbitrary: fc.record({ does: does('pour'), who, s, times: fc.integer({ min: 15, max: 60 }) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ does: does('edit', 'delete', 'mark'), who, s, at: fc.nat(80), named }),
  },
  { weight: 4, arbitrary: fc.record({ does: does('join', 'leave', 'look'), who }) },
);

type Message = { readonly id: string; readonly by: number; deleted: boolean; mentions: number[] };

/** A stream as somebody counts it who has seen everything. */
type Stream = { readonly name: string; readonly messages: Message[]; readonly read: number[] };

const textOf = (names: readonly number[]): string =>
  ['hello', ...names.map((each) => `@p${each}`)].join(' ');

/** Lets people talk through the whole edge, and counts naively what each has not read. */
export class UnreadPlay {
  readonly #stage: Awaited<ReturnType<typeof edgeStage>>;
  readonly #people: readonly Caller[];
  readonly #members = new Set<number>();
  readonly #streams: Stream[] = [];
  #ids = 1000;

  constructor(stage: Awaited<ReturnType<typeof edgeStage>>) {
    this.#stage = stage;
    this.#people = [stage.ada, caller(2), caller(3)];
  }

  async begin(): Promise<void> {
    const { log, found, send, circle } = this.#stage;
    for (const [index, { user }] of this.#people.entries()) {
      log.record(nameAggregate(`p${index}`), [stamped('name-claimed', { user })]);
    }
    const [general, second] = [await found(), numbered(200)];
    await send({ op: 'create-stream', input: { circle, id: second, name: 'second' } });
    for (const name of [general, `${circle}/${second}`]) {
      this.#streams.push({ name, messages: [], read: [0, 0, 0] });
    }
    this.#members.add(0);
  }

  async happen(step: UnreadStep): Promise<void> {
    if (step.does === 'look') return void (await this.counted(step.who));
    if (!('s' in step)) return this.#move(step.who, step.does);
    const stream = this.#streams[step.s];
    if (!stream) return;
    if ('at' in step && step.does !== 'mark') return this.#change(stream, step);
    if (!this.#members.has(step.who)) return;
    if ('at' in step) return this.#mark(stream, step.who, step.at);
    if (step.does === 'post') return this.#post(stream, step.who, step.named);
    for (let times = 0; times < step.times; times++) await this.#post(stream, step.who, []);
  }

  /** What the server says that somebody has not read, and how far it says that they have read. */
  async counted(index: number): Promise<{ streams: readonly UnreadView[]; reads: number[] }> {
    const { models, barrier } = this.#stage;
    for (const { seen } of this.#people) await barrier.waitForSession(seen);
    const user = this.#people[index]?.user ?? '';
    const { streams } = await unreadOf({ models, turn: settle }, user);
    const isMember = this.#members.has(index);
    const readings = this.#streams.map(async ({ name, messages }) =>
      Math.min((await readingOf(models, user, name)).read, messages.length),
    );
    return { streams, reads: isMember ? await Promise.all(readings) : [] };
  }

  /** The same, counted by hand. */
  recounted(index: number): { streams: readonly UnreadView[]; reads: number[] } {
    if (!this.#members.has(index)) return { streams: [], reads: [] };
    const views = this.#streams.map(({ name, messages, read: reads }): UnreadView => {
      const read = reads[index] ?? 0;
      const above = messages.filter(({ deleted }, at) => at >= read && !deleted);
      const mentions = above.filter((message) => message.mentions.includes(index)).length;
      const last = messages.length;
      return { s: name, last, read, unread: Math.min(above.length, 100), mentions };
    });
    return {
      streams: views.filter(({ unread }) => unread > 0),
      reads: this.#streams.map(({ read }) => read[index] ?? 0),
    };
  }

  async #move(index: number, does: 'join' | 'leave'): Promise<void> {
    if (index === 0 || this.#members.has(index) === (does === 'join')) return;
    const by = this.#people[index] ?? this.#stage.ada;
    await this.#stage.send({ op: `${does}-circle`, input: { circle: this.#stage.circle }, by });
    if (does === 'leave') {
      this.#members.delete(index);
      return;
    }
    this.#members.add(index);
    for (const stream of this.#streams) stream.read[index] = stream.messages.length;
  }

  async #post(stream: Stream, index: number, names: number[]): Promise<void> {
    const id = numbered(++this.#ids);
    const by = this.#people[index] ?? this.#stage.ada;
    await this.#stage.send({
      op: 'post-message',
      input: { s: stream.name, id, text: textOf(names) },
      by,
    });
    stream.messages.push({ id, by: index, deleted: false, mentions: this.#mentioned(names) });
    stream.read[index] = stream.messages.length;
  }

  /** A message is changed by who wrote it, as nobody else may. */
  async #change(
    stream: Stream,
    { does, at, named: names }: Extract<UnreadStep, { at: number }>,
  ): Promise<void> {
    const message = stream.messages[at % Math.max(1, stream.messages.length)];
    if (!message || message.deleted || !this.#members.has(message.by)) return;
    if (does === 'edit') await this.#edit(stream, message, names);
    else await this.#delete(stream, message);
  }

  async #edit(stream: Stream, message: Message, names: number[]): Promise<void> {
    const by = this.#people[message.by] ?? this.#stage.ada;
    const input = { s: stream.name, id: message.id, text: textOf(names) };
    await this.#stage.send({ op: 'edit-message', input, by });
    message.mentions = this.#mentioned(names);
  }

  async #delete(stream: Stream, message: Message): Promise<void> {
    const by = this.#people[message.by] ?? this.#stage.ada;
    await this.#stage.send({ op: 'delete-message', input: { s: stream.name, id: message.id }, by });
    message.deleted = true;
  }

  async #mark(stream: Stream, index: number, m: number): Promise<void> {
    const by = this.#people[index] ?? this.#stage.ada;
    await this.#stage.send({ op: 'mark-read', input: { s: stream.name, m }, by });
    stream.read[index] = Math.max(stream.read[index] ?? 0, Math.min(m, stream.messages.length));
  }

  #mentioned(names: readonly number[]): number[] {
    return names.filter((each) => this.#members.has(each));
  }
}

/** The law that all of this is for: what the server says is what one counts by hand, at every look. */
export const countsAgree = async (
  stage: Awaited<ReturnType<typeof edgeStage>>,
  history: readonly UnreadStep[],
  equal: (counted: unknown, recounted: unknown) => void,
): Promise<void> => {
  const play = new UnreadPlay(stage);
  await play.begin();
  for (const step of history) {
    await play.happen(step);
    if (step.does === 'look') equal(await play.counted(step.who), play.recounted(step.who));
  }
  for (const index of [0, 1, 2]) equal(await play.counted(index), play.recounted(index));
};
