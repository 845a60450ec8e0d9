import type { Stamp } from '../../../src/actors/command.ts';
import { refuse, repeat } from '../../../src/actors/decision.ts';
import type { Rules } from '../../../src/actors/rules.ts';
import type { LoadedSnapshot, Snapshots } from '../../../src/actors/snapshots.ts';
import { Writer } from '../../../src/actors/writer.ts';
import type { WriterOptions } from '../../../src/actors/writer-options.ts';
import { type Aggregate, streamAggregate } from '../../../src/events/aggregate.ts';
import type { CircleId, StreamId, UserId } from '../../../src/events/ids.ts';
import { type EventIn, event } from '../../../src/events/kinds/kinds.ts';
import type { EventLog } from '../../../src/events/log.ts';
import { epochMs } from '../fixtures/given.ts';
import { numbered } from '../generators/chatter.ts';

type Said = EventIn<'stream'>;

/** `say`: a creation, known by its id. `open`: an event each time, `times` of them. `deny`: always refused. */
export type TallyCommand = Stamp &
  (
    | { readonly op: 'say'; readonly id: string; readonly text: string }
    | { readonly op: 'open'; readonly times: number }
    | { readonly op: 'deny' }
  );

export type TallyState = { said: string[]; opened: number };

/** The simplest rules that can tell whether a writer loses, doubles or reorders anything. */
export const tallyRules: Rules<TallyState, TallyCommand, Said, undefined> = {
  initial: () => ({ said: [], opened: 0 }),
  decide({ said }, command) {
    switch (command.op) {
      case 'deny':
        return refuse('forbidden');
      case 'open':
        return { events: Array.from({ length: command.times }, () => event('stream-opened', {})) };
      case 'say': {
        const { id, text } = command;
        if (said.includes(id)) return repeat(said.indexOf(id) + 1);
        const m = said.length + 1;
        return { events: [event('message-posted', { id, m, text, mentions: [] })], answer: m };
      }
    }
  },
  evolve(state, { k, d }) {
    if (k === 'message-posted') state.said.push(d.id);
    if (k === 'stream-opened') state.opened++;
  },
  snapshotVersion: 3,
  freeze: (state) => state,
  thaw: (frozen) => frozen as TallyState,
};

export const ann = numbered(1) as UserId;

/** A command of one person's. */
export const say = (id: number, more: { text?: string; key?: string; sum?: string } = {}) => {
  const { text = 'hello', ...stamp } = more;
  return { op: 'say', by: ann, at: epochMs, id: numbered(id), text, ...stamp } as const;
};

export const open = (times = 1, more: { key?: string; sum?: string } = {}) =>
  ({ op: 'open', by: ann, at: epochMs, times, ...more }) as const;

export const deny = { op: 'deny', by: ann, at: epochMs } as const;

export const tallied: Aggregate = streamAggregate(
  numbered(100) as CircleId,
  numbered(101) as StreamId,
);

/** Snapshots as a store keeps them: as text, each aggregate's newest. */
export const memorySnapshots = (): Snapshots & { readonly kept: Map<Aggregate, string> } => {
  const kept = new Map<Aggregate, string>();
  return {
    kept,
    async load(aggregate) {
      const text = kept.get(aggregate);
      return text === undefined ? undefined : (JSON.parse(text) as LoadedSnapshot);
    },
    async save(aggregate, snapshot, unsaved) {
      const { large: before } = JSON.parse(kept.get(aggregate) ?? '{}') as Partial<LoadedSnapshot>;
      const { isWhole = true, changes = [] } = unsaved ?? {};
      const added = [...changes];
      const parts = isWhole ? [added] : [...(before?.parts ?? []), added];
      const saved = { count: parts.flat().length };
      kept.set(
        aggregate,
        JSON.stringify({ ...snapshot, ...(unsaved && { large: { saved, parts } }) }),
      );
      return unsaved && saved;
    },
  };
};

export type TallyWriter = Writer<TallyState, TallyCommand, Said, undefined>;

export const tallyWriter = (
  log: EventLog,
  more: Partial<WriterOptions<TallyState, TallyCommand, Said, undefined>> = {},
): TallyWriter =>
  new Writer({
    aggregate: tallied,
    rules: tallyRules,
    log,
    snapshots: memorySnapshots(),
    world: () => undefined,
    ...more,
  });
