import { expect, test } from 'vitest';
import { kindOf } from '../../../src/events/aggregate.ts';
import type { LoggedEvent } from '../../../src/events/commit.ts';
import { kindsOf } from '../../../src/events/kinds/kinds.ts';
import { emptyTail } from '../../../src/events/log.ts';
import { history } from '../../../tools/seed/history.ts';
import type { Draft } from '../../../tools/seed/round.ts';
import { write } from '../../../tools/seed/writing.ts';
import { memoryLog } from '../../contract/doubles/memory-log.ts';
import { everything } from '../../support/fixtures/log-fixtures.ts';

const draftsOf = (events: number, seed: number): Draft[] => [...history({ events, seed })].flat();

test('it has exactly so many events, however few', () => {
  for (const events of [10, 11, 12, 25, 100, 3000]) {
    const count = draftsOf(events, 1).reduce((sum, draft) => sum + draft.events.length, 0);
    expect(count).toBe(events);
  }
});

test('one seed makes one history, ids and times too; another makes another', () => {
  expect(draftsOf(2000, 4)).toEqual(draftsOf(2000, 4));
  expect(draftsOf(2000, 4)).not.toEqual(draftsOf(2000, 5));
});

test('every event is of a kind that can happen to its aggregate, and the log takes all of them', async () => {
  const log = memoryLog();
  const seen = new Set<string>();
  expect(await write(log, history({ events: 5000, seed: 2 }), () => {})).toBe(5000);
  const tails = new Map<string, number>();
  for (const { aggregate, commit } of await everything(log)) {
    expect(commit.n).toBe((tails.get(aggregate) ?? emptyTail.n) + 1);
    tails.set(aggregate, commit.n + commit.events.length - 1);
    for (const { k } of commit.events) {
      expect(Object.keys(kindsOf[kindOf(aggregate)])).toContain(k);
      seen.add(k);
    }
  }
  for (const kind of ['message-posted', 'message-edited', 'message-deleted', 'member-left']) {
    expect(seen).toContain(kind);
  }
});

/** What a history has led to, as far as its events are checked against it. */
class World {
  readonly members = new Map<string, Set<string>>();
  readonly authors = new Map<string, string>();
  readonly numbers = new Map<string, number>();
  readonly #standing = new Map<string, Set<string>>();

  inside(circle: string): Set<string> {
    const known = this.members.get(circle) ?? new Set();
    this.members.set(circle, known);
    return known;
  }

  /** A pin or a reaction: it stands if it is taken away, and does not if it is added. */
  toggle(message: string, what: string, isOn: boolean): void {
    expect(this.authors.has(message), what).toBe(true);
    const on = this.#standing.get(message) ?? new Set();
    this.#standing.set(message, on);
    expect(on.has(what), what).toBe(!isOn);
    if (isOn) on.add(what);
    else on.delete(what);
  }
}

type Place = { readonly world: World; readonly aggregate: string; readonly inside: Set<string> };

const speak = (event: LoggedEvent, { world, aggregate, inside }: Place): void => {
  expect(inside, event.k).toContain(event.by);
  switch (event.k) {
    case 'message-posted': {
      const { m, id, mentions, replyTo } = event.d;
      expect(m).toBe((world.numbers.get(aggregate) ?? 0) + 1);
      world.numbers.set(aggregate, m);
      for (const user of mentions) expect(inside).toContain(user);
      expect(replyTo === undefined || world.authors.has(replyTo)).toBe(true);
      world.authors.set(id, event.by);
      break;
    }
    case 'message-edited':
      expect(world.authors.get(event.d.id)).toBe(event.by);
      break;
    case 'message-deleted':
      expect(world.authors.delete(event.d.id)).toBe(true);
      break;
    case 'reaction-added':
    case 'reaction-removed':
      world.toggle(event.d.id, `${event.by} ${event.d.emoji}`, event.k === 'reaction-added');
      break;
    case 'message-pinned':
    case 'message-unpinned':
      world.toggle(event.d.id, 'pin', event.k === 'message-pinned');
      break;
  }
};

test('who speaks is a member, what is changed exists and is the own, reactions and pins alternate', () => {
  const world = new World();
  for (const { aggregate, events } of draftsOf(4000, 3)) {
    const inside = world.inside(aggregate.split('.')[1] ?? '');
    for (const event of events) {
      if (event.k === 'member-joined') inside.add(event.d.user);
      if (event.k === 'member-left' || event.k === 'member-removed') inside.delete(event.d.user);
      if (kindOf(aggregate) === 'stream') speak(event, { world, aggregate, inside });
    }
  }
});
