import { expect, test } from 'vitest';
import { accessOf, type CircleAccess } from '../../../src/access/access.ts';
import { accessChange } from '../../../src/access/changes.ts';
import { event } from '../../../src/events/kinds/kinds.ts';

const circle = (more: Partial<CircleAccess> = {}): CircleAccess => ({
  ...{ status: 'open', kind: 'circle', owner: 'owner', visibility: 'private' },
  members: new Set(['owner', 'member']),
  streams: new Map([
    ['open', { status: 'open' }],
    ['archived', { status: 'archived' }],
    ['deleted', { status: 'deleted' }],
  ]),
  ...more,
});

test.each([
  ['the owner', 'owner', {}, undefined, { refusal: undefined, manages: true, pins: true }],
  ['a member', 'member', {}, undefined, { refusal: undefined, manages: false, pins: false }],
  ['a member, in an archived stream', 'member', {}, 'archived', { refusal: undefined }],
  [
    'the owner, in a deleted stream',
    'owner',
    {},
    'deleted',
    { refusal: 'not-found', manages: false },
  ],
  ['the owner, where no stream is', 'owner', {}, 'none', { refusal: 'not-found', manages: false }],
  ['an outsider', 'other', {}, undefined, { refusal: 'not-found', manages: false, pins: false }],
  [
    'an outsider of a public circle',
    'other',
    { visibility: 'public' },
    undefined,
    { refusal: 'forbidden' },
  ],
  [
    'an outsider, in a stream of a public circle',
    'other',
    { visibility: 'public' },
    'none',
    { refusal: 'forbidden' },
  ],
  [
    'the owner of a deleted circle',
    'owner',
    { status: 'deleted' },
    undefined,
    { refusal: 'not-found', manages: false },
  ],
  [
    'an outsider of a deleted public circle',
    'other',
    { status: 'deleted', visibility: 'public' },
    undefined,
    { refusal: 'not-found' },
  ],
  [
    'one of two',
    'member',
    { kind: 'direct', owner: undefined },
    undefined,
    { refusal: undefined, manages: false, pins: true },
  ],
] as const)('access of %s', (...[, user, more, stream, access]) => {
  expect(accessOf(circle(more as Partial<CircleAccess>), user, stream)).toMatchObject(access);
});

test('what events of a circle do to the right to read', () => {
  expect(accessChange(event('member-joined', { user: 'a' }))).toEqual({
    change: 'granted',
    user: 'a',
  });
  expect(accessChange(event('member-left', { user: 'a' }))).toEqual({
    change: 'revoked',
    user: 'a',
  });
  expect(accessChange(event('member-removed', { user: 'a' }))).toEqual({
    change: 'revoked',
    user: 'a',
  });
  expect(accessChange(event('circle-deleted', {}))).toEqual({ change: 'ended' });
  expect(accessChange(event('stream-deleted', { id: 's' }))).toEqual({
    change: 'ended',
    stream: 's',
  });
  expect(accessChange(event('stream-archived', { id: 's' }))).toBeUndefined();
  expect(accessChange(event('stream-opened', {}))).toBeUndefined();
  expect(accessChange({ k: 'constructor' as 'stream-opened', d: {} })).toBeUndefined();
});
