import { expect, test } from 'vitest';
import { wireEvent } from '../../../../src/http/hub/wire.ts';
import { numbered, stamped } from '../../../support/chatter.ts';

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
