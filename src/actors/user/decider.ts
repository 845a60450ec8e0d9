import { type DataOf, event } from '../../events/kinds/kinds.ts';
import { defined } from '../../runtime/defined.ts';
import { nothing, record, refuse, repeat } from '../decision.ts';
import { limits } from '../limits.ts';
import type { NewSession, UserCommand, UserCommandOf, UserDecision } from './commands.ts';
import { profileFields, type UserState } from './state.ts';

export const decide = (user: UserState, command: UserCommand): UserDecision => {
  switch (command.op) {
    case 'register':
      return register(user, command);
    case 'open-session':
      return logIn(user, command);
    case 'close-session':
      return user.sessions.has(command.id)
        ? record(event('session-closed', { id: command.id }))
        : nothing();
    case 'close-others':
      return user.sessions.has(command.session)
        ? record(...closedBut(user, command.session))
        : refuse('not-found', 'session');
    case 'change-password':
      return changePassword(user, command);
    case 'reset-password':
      return user.registered
        ? record(event('password-changed', { secret: command.secret }), ...closedBut(user))
        : refuse('not-found');
    case 'suspend':
      return suspend(user, command);
    case 'resume':
      return user.suspended ? record(event('user-resumed', {})) : nothing();
    case 'withdraw':
      return user.registered ? record(event('user-withdrawn', {}), ...closedBut(user)) : nothing();
    case 'end-sessions':
      return endSessions(user, command);
    case 'update-profile':
      return updateProfile(user, command);
    case 'note-circle':
      return noteCircle(user, command);
  }
};

const opened = ({ id, token, userAgent }: NewSession) =>
  event('session-opened', { id, digest: token, ...defined({ userAgent }) });

const register = (user: UserState, command: UserCommandOf<'register'>): UserDecision => {
  const { username, displayName, session } = command;
  if (user.registered) {
    return user.username === username ? openSession(user, session) : refuse('conflict', 'username');
  }
  return record(
    event('user-registered', { username, ...defined({ displayName }) }),
    opened(session),
  );
};

const openSession = (user: UserState, session: NewSession, ends = ''): UserDecision => {
  if (user.sessions.has(session.id)) return repeat();
  const [oldest] = user.sessions.keys();
  const ended = user.sessions.has(ends) ? ends : oldest;
  const full = user.sessions.size >= limits.sessionsPerUserMax;
  return record(
    ...(full && ended !== undefined ? [event('session-closed', { id: ended })] : []),
    opened(session),
  );
};

const logIn = (
  user: UserState,
  { session, secret, ends }: UserCommandOf<'open-session'>,
): UserDecision => {
  if (!user.registered) return refuse('not-found');
  // The password was changed since it was compared, so the comparison is void.
  if (secret !== user.secret) return refuse('conflict', 'password');
  return user.suspended ? refuse('suspended') : openSession(user, session, ends);
};

/** The end of every session, or of all but one. */
const closedBut = (user: UserState, session?: string) =>
  [...user.sessions.keys()]
    .filter((id) => id !== session)
    .map((id) => event('session-closed', { id }));

const changePassword = (
  user: UserState,
  { session, was, secret }: UserCommandOf<'change-password'>,
): UserDecision => {
  if (!user.sessions.has(session)) return refuse('not-found', 'session');
  if (was !== user.secret) return refuse('forbidden', 'password');
  return record(event('password-changed', { secret }), ...closedBut(user, session));
};

const suspend = (user: UserState, { reason }: UserCommandOf<'suspend'>): UserDecision => {
  if (!user.registered) return refuse('not-found');
  const { suspended } = user;
  if (suspended && (reason ?? suspended.reason) === suspended.reason) return nothing();
  return record(event('user-suspended', defined({ reason })), ...closedBut(user));
};

const endSessions = (user: UserState, { id }: UserCommandOf<'end-sessions'>): UserDecision => {
  if (id === undefined) return record(...closedBut(user));
  return user.sessions.has(id) ? record(event('session-closed', { id })) : nothing();
};

const updateProfile = (user: UserState, command: UserCommandOf<'update-profile'>): UserDecision => {
  const change: DataOf<'profile-updated'> = {};
  for (const name of profileFields) {
    const value = command[name];
    if (value !== undefined && (value ?? undefined) !== user.profile[name]) change[name] = value;
  }
  return Object.keys(change).length === 0 ? nothing() : record(event('profile-updated', change));
};

/** A reaction may be late or repeated: only a newer event of the circle changes something. */
const noteCircle = (
  user: UserState,
  { circle, n, joined }: UserCommandOf<'note-circle'>,
): UserDecision => {
  const known = user.circles.get(circle);
  if (known && known.n >= n) return nothing();
  if (joined === (known?.joined ?? false)) return nothing();
  return record(event(joined ? 'circle-joined' : 'circle-left', { circle, n }));
};
