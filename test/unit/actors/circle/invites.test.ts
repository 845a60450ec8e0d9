import { test } from 'vitest';
import { circleRules } from '../../../../src/actors/circle/rules.ts';
import { limits } from '../../../../src/actors/limits.ts';
import { event } from '../../../../src/events/kinds/kinds.ts';
import {
  by,
  circle,
  founded,
  invited,
  joined,
  outsider,
  owner,
} from '../../../support/fixtures/circle-past.ts';
import { epochMs, givenBy } from '../../../support/fixtures/given.ts';

const given = givenBy(circleRules);
const create = { ...by(owner), op: 'create-invite', circle, code: 'new', maxUses: 0 } as const;
const full = (expiresAt?: number) => [
  ...founded('private'),
  ...Array.from({ length: limits.invitesPerCircleMax }, (_, index) =>
    invited(`code ${index}`, 0, expiresAt),
  ),
];

test('an invite lasts as long as it was made for, or for ever', () => {
  given(founded('private'))
    .when({ ...create, expiresIn: 1000 })
    .records(invited('new', 0, epochMs + 1000));
  given(founded('private'))
    .when({ ...create, expiresIn: 0, maxUses: 3 })
    .records(invited('new', 3));
});

test('a circle has 1,000 invites at most; one that is revoked or used up makes room', () => {
  const command = { ...create, expiresIn: 0 };
  given(full()).when(command).refuses('too-many');
  given(full().slice(0, -1)).when(command).records(invited('new'));
  given([...full(), event('invite-revoked', { code: 'code 7' })])
    .when(command)
    .records(invited('new'));
  given([...full().slice(0, -1), invited('last', 1), joined(outsider, 'last')])
    .when(command)
    .records(invited('new'));
});

test('an expired invite makes room for the next, and is revoked for it', () => {
  const past = full(epochMs + 10);
  given(past)
    .when({ ...create, expiresIn: 0, at: epochMs + 9 })
    .refuses('too-many');
  given(past)
    .when({ ...create, expiresIn: 0, at: epochMs + 10 })
    .records(event('invite-revoked', { code: 'code 0' }), invited('new'));
});

test('an invite is revoked once; revoking one that never was is not found [H4]', () => {
  const revoke = { ...by(owner), op: 'revoke-invite', circle, code: 'abc' } as const;
  const revoked = event('invite-revoked', { code: 'abc' });
  for (const known of [undefined, 'listed'] as const) {
    given([...founded('private'), invited('abc')])
      .when({ ...revoke, known })
      .records(revoked);
  }
  given([...founded('private'), invited('abc'), revoked])
    .when({ ...revoke, known: 'revoked' })
    .changesNothing();
  given(founded('private'))
    .when({ ...revoke, known: undefined })
    .refuses('not-found');
});

test('one that is used up can still be taken off the list', () => {
  given([...founded('private'), invited('abc', 1), joined(outsider, 'abc')])
    .when({ ...by(owner), op: 'revoke-invite', circle, code: 'abc', known: 'listed' })
    .records(event('invite-revoked', { code: 'abc' }));
});
