import { expect, test } from 'vitest';
import { circleRules } from '../../../../src/actors/circle/rules.ts';
import { event } from '../../../../src/events/kinds/kinds.ts';
import {
  by,
  type CirclePast,
  circle,
  deleted,
  direct,
  everyCommand,
  founded,
  invited,
  joined,
  member,
  outsider,
  owner,
} from '../../../support/fixtures/circle-past.ts';
import { givenBy } from '../../../support/fixtures/given.ts';

const given = givenBy(circleRules);
const update = { ...by(owner), op: 'update-circle', id: circle } as const;

test('an update records only what differs', () => {
  given(founded('private'))
    .when({ ...update, name: 'Coffee', visibility: 'private' })
    .records(event('circle-updated', { name: 'Coffee' }));
  given(founded('private'))
    .when({ ...update, name: 'Tea', visibility: 'public', about: 'leaves' })
    .records(event('circle-updated', { about: 'leaves', visibility: 'public' }));
});

test('an update to what is there changes nothing', () => {
  const past = [...founded('private'), event('circle-updated', { about: '' })];
  given(past)
    .when({ ...update, name: 'Tea', visibility: 'private', about: '' })
    .changesNothing();
  given(founded('private'))
    .when({ ...update, about: null })
    .changesNothing();
});

test('null removes what a circle is about, once', () => {
  const past = [...founded('private'), event('circle-updated', { about: 'leaves' })];
  given(past)
    .when({ ...update, about: null })
    .records(event('circle-updated', { about: null }));
  given([...past, event('circle-updated', { about: null })])
    .when({ ...update, about: null })
    .changesNothing();
});

test('the owner deletes the circle; again that changes nothing, and nobody else is told of it [H3]', () => {
  const remove = { op: 'delete-circle', id: circle } as const;
  given(founded('public'))
    .when({ ...by(owner), ...remove })
    .records(deleted);
  given([...founded('public'), deleted])
    .when({ ...by(owner), ...remove })
    .changesNothing();
  for (const user of [member, outsider]) {
    given([...founded('public'), deleted])
      .when({ ...by(user), ...remove })
      .refuses('not-found');
  }
});

test('members do not manage: everything but what is about themselves is forbidden to them [H3]', () => {
  const own = new Set(['join-circle', 'leave-circle', 'set-member-data']);
  for (const command of everyCommand(member)) {
    if (own.has(command.op)) continue;
    given(founded('private')).when(command).refuses('forbidden');
  }
});

test('of a public circle outsiders learn that it is there, and may only join or be gone [H1]', () => {
  for (const command of everyCommand(outsider)) {
    if (command.op === 'join-circle' || command.op === 'leave-circle') continue;
    given(founded('public')).when(command).refuses('forbidden');
  }
});

const hidden: Record<string, CirclePast> = {
  'a private circle': founded('private'),
  'a private circle that was public': [
    ...founded('public'),
    event('circle-updated', { visibility: 'private' }),
  ],
  'a private circle with invites': [...founded('private'), invited('abc')],
  'a conversation of two others': direct,
  'a circle that was deleted': [...founded('public'), deleted],
  'a private circle that somebody was removed from': [
    ...founded('private'),
    joined(outsider),
    event('member-removed', { user: outsider }),
  ],
};

test.for(Object.keys(hidden))(
  'to an outsider every command finds %s as if there were none [H1]',
  (name) => {
    for (const command of everyCommand(outsider)) {
      const none = given([]).when(command).decision;
      expect(given(hidden[name] ?? []).when(command).decision, command.op).toEqual(none);
    }
  },
);
