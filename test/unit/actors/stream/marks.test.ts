import { expect, test } from 'vitest';
import { limits } from '../../../../src/actors/limits.ts';
import type { Past as Looked } from '../../../../src/actors/stream/commands.ts';
import { reactionKey } from '../../../../src/actors/stream/state.ts';
import { commitEventsMax } from '../../../../src/events/commit.ts';
import type { UserId } from '../../../../src/events/ids.ts';
import { type EventIn, event } from '../../../../src/events/kinds/kinds.ts';
import {
  by,
  circle,
  direct,
  founded,
  joined,
  member,
  outsider,
  owner,
  stream,
} from '../../../support/fixtures/circle-past.ts';
import { epochMs, type Past } from '../../../support/fixtures/given.ts';
import { archived, given, inside } from '../../../support/fixtures/stream-world.ts';
import { numbered } from '../../../support/generators/chatter.ts';

const third = numbered(4) as UserId;
const world = inside([...founded('public'), joined(third)]);

type Said = Past<EventIn<'stream'>>;

const posted = (id: number, mentions: string[] = []): EventIn<'stream'> =>
  event('message-posted', { id: numbered(id), m: id, text: 'hello', mentions });
const said: readonly Said[] = [event('stream-opened', {}), { ...posted(1), by: member }];
const id = numbered(1);
const tombstone: readonly Said[] = [...said, event('message-deleted', { id, m: 1 })];
const added = (user: string, emoji: string): Said => ({
  ...event('reaction-added', { id, emoji }),
  by: user,
});
const removed = (user: string, emoji: string, last?: true): Said => ({
  ...event('reaction-removed', { id, emoji, ...(last && { last }) }),
  by: user,
});

const here = { circle, stream };
const react = { ...here, op: 'react', id, emoji: '👍' } as const;
const unreact = { ...here, op: 'unreact', id, emoji: '👍' } as const;
const pin = { ...here, op: 'pin', id } as const;
const unpin = { ...here, op: 'unpin', id } as const;
const marks = [react, unreact, pin, unpin];

const emojis = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => String.fromCodePoint(0x1f600 + index));

test('whoever is inside reacts, once with each emoji, and takes it back', () => {
  given(said, world)
    .when({ ...by(owner), ...react })
    .records(event('reaction-added', { id, emoji: '👍' }));
  given([...said, added(owner, '👍')], world)
    .when({ ...by(owner), ...react })
    .changesNothing();
  given([...said, added(owner, '👍')], world)
    .when({ ...by(member), ...react })
    .records(event('reaction-added', { id, emoji: '👍' }));
  given([...said, added(owner, '👍'), added(owner, '🐙')], world)
    .when({ ...by(owner), ...unreact })
    .records(event('reaction-removed', { id, emoji: '👍', last: true }));
});

test('a reaction that is not there is removed without an event, others’ are left [W8]', () => {
  for (const past of [
    said,
    [...said, added(owner, '👍')],
    [...said, added(owner, '👍'), added(member, '👍'), removed(member, '👍')],
  ]) {
    given(past, world)
      .when({ ...by(member), ...unreact })
      .changesNothing();
  }
});

test('the last of a kind says so, and is forgotten by its name alone', () => {
  const two = [...said, added(owner, '👍'), added(member, '👍')];
  given(two, world)
    .when({ ...by(owner), ...unreact })
    .records(event('reaction-removed', { id, emoji: '👍' }));
  given([...two, removed(owner, '👍')], world)
    .when({ ...by(member), ...unreact })
    .records(event('reaction-removed', { id, emoji: '👍', last: true }));
});

test(`a message has ${limits.reactionKindsMax} kinds of reaction; one more person with one of them is fine`, () => {
  const most = emojis(limits.reactionKindsMax);
  const full = [...said, ...most.map((emoji) => added(owner, emoji))];
  given(full.slice(0, -1), world)
    .when({ ...by(member), ...react })
    .records(event('reaction-added', { id, emoji: '👍' }));
  given(full, world)
    .when({ ...by(member), ...react })
    .refuses('too-many');
  given(full, world)
    .when({ ...by(member), ...react, emoji: most[7] ?? '' })
    .records(event('reaction-added', { id, emoji: most[7] ?? '' }));
  given([...full, removed(owner, most[3] ?? '', true)], world)
    .when({ ...by(member), ...react })
    .records(event('reaction-added', { id, emoji: '👍' }));
});

test('names of what every object has are emojis like others', () => {
  for (const emoji of ['constructor', 'toString', '__proto__']) {
    given(said, world)
      .when({ ...by(owner), ...react, emoji })
      .records(event('reaction-added', { id, emoji }));
  }
});

test('outsiders mark nothing; a private circle looks like none to them [H1]', () => {
  for (const command of marks) {
    given(said, world)
      .when({ ...by(outsider), ...command })
      .refuses('forbidden');
    given(said, inside(founded('private')))
      .when({ ...by(outsider), ...command })
      .refuses('not-found');
  }
});

test('tombstones and messages that never were are not marked [H4]', () => {
  for (const command of marks) {
    given(tombstone, world)
      .when({ ...by(owner), ...command })
      .refuses('not-found');
    given(said, world)
      .when({ ...by(owner), ...command, id: numbered(9) })
      .refuses('not-found');
  }
});

test('an archived stream is not marked [H4]', () => {
  for (const command of marks) {
    given(said, archived)
      .when({ ...by(owner), ...command })
      .refuses('archived');
  }
});

test('who manages a circle pins, once, and unpins; in a conversation of two both do [H3]', () => {
  given(said, world)
    .when({ ...by(owner), ...pin })
    .records(event('message-pinned', { id }));
  for (const command of [pin, unpin]) {
    given(said, world)
      .when({ ...by(member), ...command })
      .refuses('forbidden');
  }
  const pinned = [...said, event('message-pinned', { id })];
  given(pinned, world)
    .when({ ...by(owner), ...pin })
    .changesNothing();
  given(said, world)
    .when({ ...by(owner), ...unpin })
    .changesNothing();
  for (const user of [owner, member]) {
    given(pinned, inside(direct))
      .when({ ...by(user), ...unpin })
      .records(event('message-unpinned', { id }));
  }
});

test(`a stream has ${limits.pinsMax} pins; deleting a message makes room without an event [H4]`, () => {
  const ids = Array.from({ length: limits.pinsMax + 1 }, (_, index) => index + 1);
  const all = [event('stream-opened', {}), ...ids.map((each) => posted(each))];
  const pins = (count: number) =>
    ids.slice(0, count).map((each) => event('message-pinned', { id: numbered(each) }));
  const last = { ...by(owner), ...pin, id: numbered(ids.length) };
  const recorded = event('message-pinned', { id: numbered(ids.length) });
  given([...all, ...pins(limits.pinsMax - 1)], world)
    .when(last)
    .records(recorded);
  const full = [...all, ...pins(limits.pinsMax)];
  given(full, world).when(last).refuses('too-many');
  const deleted = event('message-deleted', { id: numbered(3), m: 3 });
  given([...full, deleted], world)
    .when(last)
    .records(recorded);
});

test('who is not mentioned any more stands in the event [H5]', () => {
  const mentioning = [...said.slice(0, 1), { ...posted(1, [owner, third]), by: member }];
  const edit = { ...by(member), ...here, op: 'edit-message', id, text: 'new' } as const;
  given(mentioning, world)
    .when({ ...edit, named: [[third]] })
    .records(
      event('message-edited', { id, m: 1, text: 'new', mentions: [third], unmentioned: [owner] }),
    );
  given(mentioning, world)
    .when({ ...edit, named: [[third], [member], [owner]] })
    .records(event('message-edited', { id, m: 1, text: 'new', mentions: [third, member, owner] }));
  const edited = event('message-edited', {
    id,
    m: 1,
    text: 'new',
    mentions: [third],
    unmentioned: [owner],
  });
  given([...mentioning, edited], world)
    .when({ ...by(member), ...here, op: 'delete-message', id })
    .records(event('message-deleted', { id, m: 1, unmentioned: [third] }));
});

const facts = { by: member, n: 7, m: 5, at: epochMs - 1, mentions: [third] };
const old = numbered(50);
const looked = (seq: number, reactions: Record<string, number>, stand: string[] = []): Looked => ({
  ...{ seq, messages: new Map([[old, { ...facts, reactions }]]) },
  reactions: new Set(stand),
});

test('of an old message what was looked up counts, and after it what the same commit has changed', () => {
  const before = looked(said.length, { '👍': 1, '🐙': 2 }, [reactionKey(old, owner, '👍')]);
  const asks = { ...by(owner), ...unreact, id: old };
  const last = { id: old, emoji: '👍', last: true };
  given(said, world)
    .when({ ...asks, past: before })
    .records(event('reaction-removed', last));
  const other = { ...event('reaction-added', { id: old, emoji: '👍' }), by: member };
  given([...said, other], world)
    .when({ ...asks, past: before })
    .records(event('reaction-removed', { id: old, emoji: '👍' }));
  const own = { ...event('reaction-removed', last), by: owner };
  given([...said, own], world)
    .when({ ...asks, past: before })
    .changesNothing();
  const edited = event('message-edited', { id: old, text: 'new', mentions: [owner] });
  given([...said, edited], world)
    .when({ ...by(owner), ...here, op: 'delete-message', id: old, past: before })
    .records(event('message-deleted', { id: old, m: 5, unmentioned: [owner] }));
});

test('what an earlier commit has changed is not counted twice', () => {
  const other = { ...event('reaction-added', { id: old, emoji: '👍' }), by: member };
  const since = looked(said.length + 1, { '👍': 1 });
  given([...said, other], world)
    .when({ ...by(member), ...unreact, id: old, past: since })
    .records(event('reaction-removed', { id: old, emoji: '👍', last: true }));
});

test('a state keeps as much as one commit may hold: within it nothing of its own is forgotten', () => {
  expect(limits.recentMessagesMin).toBeGreaterThanOrEqual(commitEventsMax);
  expect(limits.recentReactionsMin).toBeGreaterThanOrEqual(commitEventsMax);
});
