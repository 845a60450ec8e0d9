import { expect, test } from 'vitest';
import { limits } from '../../../../src/actors/limits.ts';
import { userRules } from '../../../../src/actors/user/rules.ts';
import { operatorId } from '../../../../src/events/ids.ts';
import { type EventIn, event } from '../../../../src/events/kinds/kinds.ts';
import { by, circle, owner } from '../../../support/fixtures/circle-past.ts';
import { epochMs, folded, givenBy } from '../../../support/fixtures/given.ts';
import { numbered } from '../../../support/generators/chatter.ts';

const given = givenBy(userRules);
const session = { id: numbered(10), token: 'digest' };
const registered: EventIn<'user'> = event('user-registered', { username: 'ada' });
const opened = (id: number): EventIn<'user'> =>
  event('session-opened', { id: numbered(id), digest: 'digest' });
const closed = (id: number): EventIn<'user'> => event('session-closed', { id: numbered(id) });
const register = { ...by(owner), op: 'register', username: 'ada', session } as const;
const open = { ...by(owner), op: 'open-session', session, secret: undefined } as const;
const changed = (id: number): EventIn<'user'> =>
  event('password-changed', { secret: numbered(id) });
const change = {
  ...{ ...by(owner), op: 'change-password' as const },
  ...{ session: numbered(10), was: undefined, secret: numbered(20) },
};
const note = { ...by(owner), op: 'note-circle', circle } as const;
const joined = (n: number): EventIn<'user'> => event('circle-joined', { circle, n });
const left = (n: number): EventIn<'user'> => event('circle-left', { circle, n });

test('an account begins with a session', () => {
  given([]).when(register).records(registered, opened(10));
  given([])
    .when({ ...register, displayName: 'Ada', session: { ...session, userAgent: 'curl' } })
    .records(
      event('user-registered', { username: 'ada', displayName: 'Ada' }),
      event('session-opened', { id: numbered(10), digest: 'digest', userAgent: 'curl' }),
    );
});

test('registering again opens a session; under another name it is a conflict', () => {
  given([registered, opened(9)])
    .when(register)
    .records(opened(10));
  given([registered, opened(10)])
    .when(register)
    .repeats();
  given([registered])
    .when({ ...register, username: 'eve' })
    .refuses('conflict', 'username');
});

test('a session is opened once, and only for who has an account', () => {
  given([]).when(open).refuses('not-found');
  given([registered]).when(open).records(opened(10));
  given([registered, opened(10)])
    .when(open)
    .repeats();
});

test('a person has 100 sessions at most: the one used least lately ends when another is opened, or the oldest', () => {
  const many = Array.from({ length: limits.sessionsPerUserMax }, (_, index) => opened(100 + index));
  given([registered, ...many.slice(1)])
    .when(open)
    .records(opened(10));
  given([registered, ...many])
    .when(open)
    .records(closed(100), opened(10));
  given([registered, ...many, closed(100), opened(100)])
    .when(open)
    .records(closed(101), opened(10));
  given([registered, ...many])
    .when({ ...open, ends: numbered(150) })
    .records(closed(150), opened(10));
  given([registered, ...many.slice(1)])
    .when({ ...open, ends: numbered(150) })
    .records(opened(10));
  given([registered, ...many])
    .when({ ...open, ends: numbered(7) })
    .records(closed(100), opened(10));
});

test('a session is closed once', () => {
  const close = { ...by(owner), op: 'close-session', id: numbered(10) } as const;
  given([registered, opened(10)])
    .when(close)
    .records(closed(10));
  given([registered, opened(10), closed(10)])
    .when(close)
    .changesNothing();
  given([registered]).when(close).changesNothing();
});

test('all sessions but one end, if that one has not ended', () => {
  const others = { ...by(owner), op: 'close-others', session: numbered(10) } as const;
  given([registered, opened(9), opened(10), opened(11)])
    .when(others)
    .records(closed(9), closed(11));
  given([registered, opened(10)])
    .when(others)
    .changesNothing();
  given([registered, opened(9), opened(10), closed(10)])
    .when(others)
    .refuses('not-found', 'session');
});

test('a change of the password ends all other sessions', () => {
  given([registered, opened(9), opened(10), opened(11)])
    .when(change)
    .records(changed(20), closed(9), closed(11));
});

test('of two changes from one password the second is refused: it is the password no more', () => {
  given([registered, opened(10), changed(19)])
    .when(change)
    .refuses('forbidden', 'password');
  given([registered, opened(10), changed(19)])
    .when({ ...change, was: numbered(19) })
    .records(changed(20));
});

test('a session that has ended changes no password', () => {
  given([registered, opened(9), opened(10), closed(10)])
    .when(change)
    .refuses('not-found', 'session');
});

test('a password that was changed while it was compared opens no session', () => {
  given([registered, changed(20)])
    .when(open)
    .refuses('conflict', 'password');
  given([registered, changed(20)])
    .when({ ...open, secret: numbered(20) })
    .records(opened(10));
  given([registered, changed(20), changed(21)])
    .when({ ...open, secret: numbered(20) })
    .refuses('conflict', 'password');
});

test('a profile changes in what is named, null removes, and what changes nothing leaves no event', () => {
  const update = { ...by(owner), op: 'update-profile' } as const;
  const profile = { displayName: 'Ada', about: 'me' };
  const updated = event('profile-updated', { ...profile, avatar: null });
  given([registered])
    .when({ ...update, ...profile, avatar: null })
    .records(event('profile-updated', profile));
  for (const same of [{}, profile, { about: 'me' }, { avatar: null }]) {
    given([registered, updated])
      .when({ ...update, ...same })
      .changesNothing();
  }
  given([registered, updated])
    .when({ ...update, displayName: null, about: 'you' })
    .records(event('profile-updated', { displayName: null, about: 'you' }));
  given([event('user-registered', { username: 'ada', displayName: 'Ada' })])
    .when({ ...update, displayName: 'Ada' })
    .changesNothing();
});

test('a circle is noted once, by the newest of its events', () => {
  given([registered])
    .when({ ...note, n: 4, joined: true })
    .records(joined(4));
  given([registered, joined(4)])
    .when({ ...note, n: 7, joined: false })
    .records(left(7));
  given([registered, joined(4), left(7)])
    .when({ ...note, n: 9, joined: true })
    .records(joined(9));
});

test('a note that is late or comes twice changes nothing', () => {
  for (const n of [1, 4, 6, 7]) {
    for (const joins of [true, false]) {
      given([registered, joined(4), left(7)])
        .when({ ...note, n, joined: joins })
        .changesNothing();
    }
  }
  given([registered])
    .when({ ...note, n: 7, joined: false })
    .changesNothing();
});

test('a state survives its snapshot', () => {
  const past = [registered, opened(10), opened(11), closed(10), joined(4)];
  const profile = event('profile-updated', { about: 'me' });
  for (const more of [[], [changed(20), profile]]) {
    const state = folded(userRules, [...past, ...more]);
    const kept: unknown = JSON.parse(JSON.stringify(userRules.freeze(state)));
    expect(userRules.thaw(kept)).toEqual(state);
  }
});

test('a suspended user has no session and opens none until resumed, whatever the password', () => {
  const operator = { by: operatorId, at: epochMs };
  const suspended = event('user-suspended', { reason: 'spam' });
  const resumed = event('user-resumed', {});
  const suspend = { ...operator, op: 'suspend', reason: 'spam' } as const;
  given([]).when(suspend).refuses('not-found');
  given([registered, opened(1), opened(2)])
    .when(suspend)
    .records(suspended, closed(1), closed(2));
  given([registered, suspended]).when(suspend).changesNothing();
  given([registered, suspended])
    .when({ ...suspend, reason: 'fraud' })
    .records(event('user-suspended', { reason: 'fraud' }));
  given([registered, suspended]).when(open).refuses('suspended');
  given([registered, changed(20), suspended])
    .when(open)
    .refuses('conflict', 'password');
  given([registered, suspended])
    .when({ ...operator, op: 'resume' })
    .records(resumed);
  given([registered])
    .when({ ...operator, op: 'resume' })
    .changesNothing();
  given([registered, suspended, resumed]).when(open).records(opened(10));
});

test('an operator resets a password and ends sessions', () => {
  const operator = { by: operatorId, at: epochMs };
  const reset = { ...operator, op: 'reset-password', secret: numbered(20) } as const;
  given([]).when(reset).refuses('not-found');
  given([registered, opened(1), opened(2)])
    .when(reset)
    .records(changed(20), closed(1), closed(2));
  const end = { ...operator, op: 'end-sessions' } as const;
  given([registered, opened(1), opened(2)])
    .when(end)
    .records(closed(1), closed(2));
  given([registered, opened(1), opened(2)])
    .when({ ...end, id: numbered(2) })
    .records(closed(2));
  given([registered, opened(1)])
    .when({ ...end, id: numbered(2) })
    .changesNothing();
});
