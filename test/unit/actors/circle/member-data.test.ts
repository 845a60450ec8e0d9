import { test } from 'vitest';
import { circleRules } from '../../../../src/actors/circle/rules.ts';
import { event } from '../../../../src/events/kinds/kinds.ts';
import {
  by,
  circle,
  direct,
  founded,
  member,
  outsider,
} from '../../../support/fixtures/circle-past.ts';
import { givenBy } from '../../../support/fixtures/given.ts';

const given = givenBy(circleRules);
const set = { ...by(member), op: 'set-member-data', circle } as const;

test('a member sets what is named, and null removes it', () => {
  given(founded('private'))
    .when({ ...set, nickname: 'Mops', avatar: null, data: { theme: ['dark', null] } })
    .records(
      event('member-data-changed', {
        user: member,
        nickname: 'Mops',
        avatar: null,
        data: { theme: ['dark', null] },
      }),
    );
  given(founded('private'))
    .when({ ...set, data: null })
    .records(event('member-data-changed', { user: member, data: null }));
});

test('where nothing is named nothing happens', () => {
  given(founded('private')).when(set).changesNothing();
});

test('both people of a conversation may set theirs, and outsiders nowhere [H1] [H3]', () => {
  const named = { ...set, nickname: 'Mops' };
  given(direct)
    .when(named)
    .records(event('member-data-changed', { user: member, nickname: 'Mops' }));
  const outside = { ...named, by: outsider };
  given(founded('public')).when(outside).refuses('forbidden');
  given(founded('private')).when(outside).refuses('not-found');
  given(direct).when(outside).refuses('not-found');
});
