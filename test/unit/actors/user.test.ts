import { expect, test } from 'vitest';
import { limits } from '../../../src/actors/limits.ts';
import { userRules } from '../../../src/actors/user/rules.ts';
import { type EventIn, event } from '../../../src/events/kinds.ts';
import { numbered } from '../../support/chatter.ts';
import { by, circle, owner } from '../../support/circle-past.ts';
import { folded, givenBy } from '../../support/given.ts';

const given = givenBy(userRules);
const session = { id: numbered(10), token: 'digest' };
const registered: EventIn<'user'> = event('user-registered', { username: 'ada' });
const opened = (id: number): EventIn<'user'> =>
  event('session-opened', { id: numbered(id), token: 'digest' });
const closed = (id: number): EventIn<'user'> => event('session-closed', { id: numbered(id) });
const register = { ...by(owner), op: 'register', username: 'ada', session } as const;
const open = { ...by(owner), op: 'open-session', session } as const;
const note = { ...by(owner), op: 'note-circle', circle } as const;
const joined = (n: number): EventIn<'user'> => event('circle-joined', { circle, n });
const left = (n: number): EventIn<'user'> => event('circle-left', { circle, n });

test('an account begins with a session', () => {
  given([]).when(register).records(registered, opened(10));
  given([])
    .when({ ...register, displayName: 'Ada', session: { ...session, userAgent: 'curl' } })
    .records(
      event('user-registered', { username: 'ada', displayName: 'Ada' }),
      event('session-opened', { ...session, userAgent: 'curl' }),
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

test('a person has 100 sessions at most: the oldest ends when another is opened', () => {
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
  const state = folded(userRules, [registered, opened(10), opened(11), closed(10), joined(4)]);
  const kept: unknown = JSON.parse(JSON.stringify(userRules.freeze(state)));
  expect(userRules.thaw(kept)).toEqual(state);
});
