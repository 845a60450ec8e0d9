import { expect, test } from 'vitest';
import type { LoggedEvent } from '../../../src/events/commit.ts';
import { type EventKind, managersSee, schemaOf, shownIn } from '../../../src/events/kinds/kinds.ts';
import { wireEvent } from '../../../src/hub/wire.ts';
import { numbered, stamped } from '../../support/generators/chatter.ts';

const id = numbered(1);
const users = [numbered(2)];

test.each([
  [
    stamped('message-edited', { id, m: 1, text: 'new', mentions: [], unmentioned: users }),
    { id, text: 'new', mentions: [] },
  ],
  [stamped('message-deleted', { id, m: 1, unmentioned: users }), { id }],
  [stamped('reaction-removed', { id, emoji: '👍', last: true }), { id, emoji: '👍' }],
  [stamped('reaction-added', { id, emoji: '👍' }), { id, emoji: '👍' }],
  // As earlier versions kept it.
  [stamped('reaction-added', { id, emoji: '👍\uFE0F' }), { id, emoji: '👍' }],
  [stamped('reaction-removed', { id, emoji: 'a\uFE0F' }), { id, emoji: 'a\uFE0F' }],
  [stamped('message-pinned', { id }), { id }],
])('what the log keeps for itself is not told: $k', (event, told) => {
  for (const audience of ['members', 'managers'] as const) {
    const { n, at, by, k, d } = JSON.parse(wireEvent(7, event, audience));
    expect({ n, at, by, k }).toEqual({ n: 7, at: event.at, by: event.by, k: event.k });
    expect(d).toEqual(told);
  }
});

test('a field is told only if its kind says so: what is added to an event stays in the log', () => {
  for (const kind of Object.keys(schemaOf) as EventKind[]) {
    const { properties = {} } = schemaOf[kind] as { properties?: object };
    const d = { ...Object.fromEntries(Object.keys(properties).map((name) => [name, 'x'])), new: 1 };
    const event = { k: kind, v: 1, d, at: 0, by: id } as unknown as LoggedEvent;
    const told = (audience: 'members' | 'managers') =>
      Object.keys(JSON.parse(wireEvent(1, event, audience)).d);
    expect(new Set(told('members'))).toEqual(shownIn(kind));
    expect(new Set(told('managers'))).toEqual(new Set([...shownIn(kind), ...managersSee(kind)]));
    expect(Object.keys(properties)).toEqual(expect.arrayContaining(told('managers')));
  }
  const unseen = (Object.keys(schemaOf) as EventKind[]).filter((kind) => shownIn(kind).size === 0);
  expect(unseen.filter((kind) => !/^(connection|name)-/.test(kind))).toEqual([
    ...[
      'password-changed',
      'user-suspended',
      'user-resumed',
      'user-withdrawn',
      'circle-deleted',
      'invite-revoked',
      'stream-opened',
    ],
  ]);
});
