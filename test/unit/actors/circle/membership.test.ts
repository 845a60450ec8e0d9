import { test } from 'vitest';
import { circleRules } from '../../../../src/actors/circle/rules.ts';
import { limits } from '../../../../src/actors/limits.ts';
import { event } from '../../../../src/events/kinds/kinds.ts';
import {
  by,
  circle,
  deleted,
  direct,
  founded,
  invited,
  joined,
  member,
  outsider,
  owner,
} from '../../../support/fixtures/circle-past.ts';
import { epochMs, givenBy } from '../../../support/fixtures/given.ts';

const given = givenBy(circleRules);
const create = {
  ...({ op: 'create-circle', id: circle, name: 'Tea', visibility: 'private' } as const),
  joined: 0,
};
const join = { op: 'join-circle', circle, joined: 0 } as const;
const leave = { op: 'leave-circle', circle } as const;

test('a circle is born with its owner and one stream, whose id is its own [H2]', () => {
  given([])
    .when({ ...by(owner), ...create, about: 'leaves and water' })
    .records(
      event('circle-created', {
        kind: 'circle',
        name: 'Tea',
        visibility: 'private',
        about: 'leaves and water',
        owner,
      }),
      event('member-joined', { user: owner }),
      event('stream-created', { id: circle, name: 'general' }),
    );
});

test('the same creation by the same user is answered again, whatever its content [H2]', () => {
  given(founded('private'))
    .when({ ...by(owner), ...create, name: 'another' })
    .repeats();
});

test('an id that somebody else has used is a conflict, or not found where that would tell [H2]', () => {
  given(founded('public'))
    .when({ ...by(outsider), ...create })
    .refuses('conflict');
  given(founded('private'))
    .when({ ...by(member), ...create })
    .refuses('conflict', 'id');
  given(founded('private'))
    .when({ ...by(outsider), ...create })
    .refuses('not-found');
});

test('what was deleted answers not-found, to whoever creates it again [H4]', () => {
  for (const user of [owner, member, outsider]) {
    given([...founded('public'), deleted])
      .when({ ...by(user), ...create })
      .refuses('not-found');
  }
});

test('everybody may join a public circle [H1]', () => {
  given(founded('public'))
    .when({ ...by(outsider), ...join })
    .records(joined(outsider));
});

test('nobody joins a private circle without an invite; it answers like none [H1]', () => {
  given(founded('private'))
    .when({ ...by(outsider), ...join })
    .refuses('not-found');
  given([])
    .when({ ...by(outsider), ...join })
    .refuses('not-found');
});

test('an invite lets somebody in, until the ms at which it expires', () => {
  const past = [...founded('private'), invited('code', 0, epochMs + 10)];
  given(past)
    .when({ ...by(outsider, epochMs + 9), ...join, invite: 'code' })
    .records(joined(outsider, 'code'));
  given(past)
    .when({ ...by(outsider, epochMs + 10), ...join, invite: 'code' })
    .refuses('invite-invalid');
});

test('an invite is used up by its last use, which counts when somebody new gets in [H1]', () => {
  const once = [...founded('private'), invited('code', 2), joined(outsider, 'code')];
  const late = { ...by(owner), ...join, invite: 'code' };
  given(once)
    .when({ ...late, by: outsider })
    .repeats();
  const left = event('member-left', { user: outsider });
  given([...once, left])
    .when({ ...late, by: outsider })
    .records(joined(outsider, 'code'));
  given([...once, left, joined(outsider, 'code'), left])
    .when({ ...late, by: outsider })
    .refuses('invite-invalid');
});

test('an invite that does not fit is invite-invalid whether or not the circle exists [H1]', () => {
  const asked = { ...by(outsider), ...join, invite: 'wrong' };
  const revoked = event('invite-revoked', { code: 'wrong' });
  given([]).when(asked).refuses('invite-invalid');
  given(founded('private')).when(asked).refuses('invite-invalid');
  given(founded('public')).when(asked).refuses('invite-invalid');
  given([...founded('private'), invited('wrong'), revoked])
    .when(asked)
    .refuses('invite-invalid');
  given([...founded('private'), invited('wrong'), deleted])
    .when(asked)
    .refuses('invite-invalid');
  given([...direct, invited('wrong')])
    .when(asked)
    .refuses('invite-invalid');
});

test('who is in already joins again without an event, with whatever invite [W8]', () => {
  given(founded('private'))
    .when({ ...by(member), ...join })
    .repeats();
  given(founded('private'))
    .when({ ...by(member), ...join, invite: 'wrong', joined: limits.circlesPerUserMax })
    .repeats();
});

test('a person is in 200 circles at most', () => {
  const asked = { ...by(outsider), ...join };
  given(founded('public'))
    .when({ ...asked, joined: limits.circlesPerUserMax - 1 })
    .records(joined(outsider));
  given(founded('public'))
    .when({ ...asked, joined: limits.circlesPerUserMax })
    .refuses('too-many');
});

test('who founds a circle is in it: beyond 200 it is too many, but a repeat is answered [H2]', () => {
  const asked = { ...by(owner), ...create, joined: limits.circlesPerUserMax };
  given([]).when(asked).refuses('too-many');
  given(founded('private')).when(asked).repeats();
});

test('a member leaves; leaving a public circle that one is not in asks for what is there [W8]', () => {
  given(founded('private'))
    .when({ ...by(member), ...leave })
    .records(event('member-left', { user: member }));
  given(founded('public'))
    .when({ ...by(outsider), ...leave })
    .changesNothing();
  given([...founded('private'), event('member-left', { user: member })])
    .when({ ...by(member), ...leave })
    .refuses('not-found');
});

test('the owner cannot leave [H3]', () => {
  given(founded('public'))
    .when({ ...by(owner), ...leave })
    .refuses('conflict');
});

test('the owner removes members, and nobody else does [H3]', () => {
  const remove = { op: 'remove-member', circle, user: member, known: true } as const;
  given(founded('private'))
    .when({ ...by(owner), ...remove })
    .records(event('member-removed', { user: member }));
  given([...founded('private'), joined(outsider)])
    .when({ ...by(outsider), ...remove })
    .refuses('forbidden');
  given(founded('public'))
    .when({ ...by(outsider), ...remove })
    .refuses('forbidden');
});

test('removing again who is gone changes nothing; who never was there is not found', () => {
  const remove = { ...by(owner), op: 'remove-member', circle, user: outsider } as const;
  given(founded('private'))
    .when({ ...remove, known: true })
    .changesNothing();
  given(founded('private'))
    .when({ ...remove, known: false })
    .refuses('not-found');
});

test('the owner cannot remove themselves', () => {
  given(founded('private'))
    .when({ ...by(owner), op: 'remove-member', circle, user: owner, known: true })
    .refuses('conflict', 'user');
});
