import { expect, test } from 'vitest';
import { circleKinds } from '../../../src/events/kinds/circle.ts';
import { event, type KnownEvent } from '../../../src/events/kinds/kinds.ts';
import { streamKinds } from '../../../src/events/kinds/stream.ts';
import { type Change, changeOf } from '../../../src/history/entry-change.ts';
import { noPastCircle, type PastCircle } from '../../../src/history/past-circle.ts';
import { numbered } from '../../support/generators/chatter.ts';

const [owner, user, stream, message] = [1, 2, 101, 200].map(numbered) as [
  string,
  string,
  string,
  string,
];
const code = 'abc';

const circle: PastCircle = {
  ...noPastCircle(),
  ...{ exists: true, name: 'Tea', owner, n: 9 },
  members: new Map([[user, { joinedAt: 5, joinedN: 2, by: user, nickname: 'Ben', dataSet: true }]]),
  streams: new Map([
    [stream, { name: 'leaves', topic: 'green', archived: false, createdAt: 3, createdN: 3 }],
  ]),
  invites: new Map([[code, { by: owner, maxUses: 2, uses: 1, revoked: false }]]),
};

const said = { author: user, text: 'before' };
const created = { kind: 'circle', name: 'Tea', visibility: 'public', owner } as const;
const gone: Change = { before: { user, joinedAt: 5, nickname: 'Ben' } };
const edited = { id: message, text: 'after', mentions: [user] };

const cases: readonly (readonly [KnownEvent, Change])[] = [
  [event('circle-created', created), { after: created }],
  [
    event('circle-updated', { name: 'Chai', about: null }),
    { before: { name: 'Tea', about: null }, after: { name: 'Chai', about: null } },
  ],
  [event('circle-deleted', {}), { before: { name: 'Tea', members: 1 } }],
  [event('member-joined', { user, invite: code }), { after: { user, invite: code } }],
  [event('member-left', { user }), gone],
  [event('member-removed', { user }), gone],
  [
    event('member-data-changed', { user, nickname: null, data: { secret: 1 } }),
    { before: { nickname: 'Ben' }, after: { nickname: null, dataChanged: true } },
  ],
  [event('member-data-changed', { user, data: null }), { after: { dataChanged: true } }],
  [event('stream-created', { id: stream, name: 'leaves' }), { after: { name: 'leaves' } }],
  [
    event('stream-updated', { id: stream, topic: null }),
    { before: { topic: 'green' }, after: { topic: null } },
  ],
  [
    event('stream-archived', { id: stream }),
    { before: { archived: false }, after: { archived: true } },
  ],
  [
    event('stream-restored', { id: stream }),
    { before: { archived: true }, after: { archived: false } },
  ],
  [event('stream-deleted', { id: stream }), { before: { name: 'leaves', topic: 'green' } }],
  [event('invite-created', { code, maxUses: 2 }), { after: { code, maxUses: 2 } }],
  [event('invite-revoked', { code }), { before: { code, by: owner, maxUses: 2, uses: 1 } }],
  [event('stream-opened', {}), {}],
  [
    event('message-posted', { id: message, m: 1, text: 'hello', mentions: [] }),
    { after: { text: 'hello' } },
  ],
  [event('message-edited', edited), { before: { text: 'before' }, after: { text: 'after' } }],
  [event('message-deleted', { id: message }), { before: said }],
  [event('reaction-added', { id: message, emoji: '👍' }), { after: { emoji: '👍' } }],
  [event('reaction-removed', { id: message, emoji: '👍' }), { before: { emoji: '👍' } }],
  [
    event('message-pinned', { id: message }),
    { before: { pinned: false }, after: { pinned: true } },
  ],
  [
    event('message-unpinned', { id: message }),
    { before: { pinned: true }, after: { pinned: false } },
  ],
];

test.each(cases)('what $k changed', (happened, change) => {
  expect(changeOf(happened, { circle, message: said })).toEqual(change);
});

test('every kind that happens to a circle is in the table, and no other changes anything', () => {
  const kinds = Object.keys({ ...circleKinds, ...streamKinds });
  expect(new Set(cases.map(([{ k }]) => k))).toEqual(new Set(kinds));
  expect(changeOf(event('name-claimed', { user }), {})).toEqual({});
});

test('what is not known any more is left out', () => {
  for (const [happened] of cases) {
    const change = changeOf(happened, { circle: noPastCircle() });
    expect(JSON.stringify(change)).not.toMatch(/undefined|secret/);
  }
  expect(changeOf(event('member-left', { user }), {})).toEqual({ before: { user } });
  expect(changeOf(event('message-edited', edited), {})).toEqual({ after: { text: 'after' } });
  expect(changeOf(event('message-deleted', { id: message }), {})).toEqual({});
});
