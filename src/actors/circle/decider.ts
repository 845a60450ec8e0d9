import { accessOf } from '../../access/access.ts';
import { event } from '../../events/kinds/kinds.ts';
import { defined } from '../../runtime/defined.ts';
import { nothing, type Refusal, record, refuse, repeat } from '../decision.ts';
import { limits } from '../limits.ts';
import type { CircleCommand, CircleCommandOf, CircleDecision } from './commands.ts';
import type { CircleState, Invite } from './state.ts';
import { decideStream } from './streams.ts';

export const decide = (circle: CircleState, command: CircleCommand): CircleDecision => {
  switch (command.op) {
    case 'create-circle':
      return create(circle, command);
    case 'join-circle':
      return join(circle, command);
    case 'leave-circle':
      return leave(circle, command);
    case 'open-direct':
      return openDirect(circle, command);
    case 'set-member-data':
      return refuseOutsider(circle, command.by) ?? setData(command);
    case 'update-circle':
      return refuseMember(circle, command.by) ?? update(circle, command);
    case 'delete-circle':
      return remove(circle, command);
    case 'remove-member':
      return refuseMember(circle, command.by) ?? removeMember(circle, command);
    case 'create-invite':
    case 'revoke-invite':
      return refuseMember(circle, command.by) ?? decideInvite(circle, command);
    case 'create-stream':
    case 'update-stream':
    case 'delete-stream':
      return refuseMember(circle, command.by) ?? decideStream(circle, command);
  }
};

const refuseOutsider = (circle: CircleState, by: string): Refusal | undefined => {
  const { refusal } = accessOf(circle, by);
  return refusal && refuse(refusal);
};

/** Refuses the command of a user who may not manage the circle. */
const refuseMember = (circle: CircleState, by: string): Refusal | undefined => {
  const { refusal, manages } = accessOf(circle, by);
  return manages ? undefined : refuse(refusal ?? 'forbidden');
};

const create = (circle: CircleState, command: CircleCommandOf<'create-circle'>): CircleDecision => {
  const { id, by, name, visibility, about, joined } = command;
  if (circle.status !== 'none') {
    if (circle.createdBy === by) return circle.status === 'open' ? repeat() : refuse('not-found');
    const { refusal } = accessOf(circle, by);
    if (refusal === 'not-found') return refuse(refusal);
    return refusal ? refuse('conflict') : refuse('conflict', 'id');
  }
  if (joined >= limits.circlesPerUserMax) return refuse('too-many');
  return record(
    event('circle-created', {
      kind: 'circle',
      name,
      visibility,
      ...defined({ about }),
      owner: by,
    }),
    event('member-joined', { user: by }),
    event('stream-created', { id, name: 'general' }),
  );
};

const isValid = (circle: CircleState, code: string, at: number): boolean => {
  const invite = circle.invites.get(code);
  return invite !== undefined && (invite.expiresAt === undefined || at < invite.expiresAt);
};

const join = (circle: CircleState, command: CircleCommandOf<'join-circle'>): CircleDecision => {
  const { by, at, invite, joined } = command;
  if (circle.status === 'open' && circle.members.has(by)) {
    return circle.kind === 'direct' ? refuse('forbidden') : repeat();
  }
  const open = circle.status === 'open' && circle.kind === 'circle';
  if (invite !== undefined && !(open && isValid(circle, invite, at)))
    return refuse('invite-invalid');
  if (!open || (invite === undefined && circle.visibility === 'private'))
    return refuse('not-found');
  if (joined >= limits.circlesPerUserMax) return refuse('too-many');
  return record(event('member-joined', { user: by, ...defined({ invite }) }));
};

const leave = (circle: CircleState, { by }: CircleCommandOf<'leave-circle'>): CircleDecision => {
  if (circle.status === 'open' && !circle.members.has(by) && circle.visibility === 'public') {
    return nothing();
  }
  const outside = refuseOutsider(circle, by);
  if (outside) return outside;
  if (circle.kind === 'direct') return refuse('forbidden');
  if (circle.owner === by) return refuse('conflict');
  return record(event('member-left', { user: by }));
};

const update = (circle: CircleState, command: CircleCommandOf<'update-circle'>): CircleDecision => {
  const change: { name?: string; about?: string | null; visibility?: 'public' | 'private' } = {};
  const { name, about, visibility } = command;
  if (name !== undefined && name !== circle.name) change.name = name;
  if (about !== undefined && (about ?? undefined) !== circle.about) change.about = about;
  if (visibility !== undefined && visibility !== circle.visibility) change.visibility = visibility;
  return Object.keys(change).length === 0 ? nothing() : record(event('circle-updated', change));
};

const remove = (circle: CircleState, { by }: CircleCommandOf<'delete-circle'>): CircleDecision => {
  if (circle.status === 'deleted' && circle.owner === by) return nothing();
  return refuseMember(circle, by) ?? record(event('circle-deleted', {}));
};

const setData = (command: CircleCommandOf<'set-member-data'>): CircleDecision => {
  const { by: user, nickname, avatar, data } = command;
  const change = {
    ...defined({ nickname, avatar, data }),
  };
  if (Object.keys(change).length === 0) return nothing();
  return record(event('member-data-changed', { user, ...change }));
};

const removeMember = (
  circle: CircleState,
  { by, user, known }: CircleCommandOf<'remove-member'>,
): CircleDecision => {
  if (user === by) return refuse('conflict', 'user');
  if (circle.members.has(user)) return record(event('member-removed', { user }));
  return known ? nothing() : refuse('not-found');
};

/**
 * A direct conversation starts with both users in it and one stream, and then never changes. There is only one,
 * however often either of them opens it, since its id is derived from theirs.
 */
const openDirect = (
  circle: CircleState,
  { id, by, user }: CircleCommandOf<'open-direct'>,
): CircleDecision => {
  if (circle.status !== 'none') return circle.members.has(by) ? repeat() : refuse('not-found');
  return record(
    event('circle-created', { kind: 'direct', name: '', visibility: 'private' }),
    event('member-joined', { user: by }),
    event('member-joined', { user }),
    event('stream-created', { id, name: 'general' }),
  );
};

const isUsable = ({ expiresAt }: Invite, at: number): boolean =>
  expiresAt === undefined || at < expiresAt;

/** Commands on invites; the right to give them has been checked. */
const decideInvite = (
  circle: CircleState,
  command: CircleCommandOf<'create-invite'> | CircleCommandOf<'revoke-invite'>,
): CircleDecision => {
  const { code, at } = command;
  if (command.op === 'revoke-invite') {
    const { known } = command;
    // One that is used up admits no one, but is listed until it is revoked or expires.
    if (circle.invites.has(code) || known === 'listed') {
      return record(event('invite-revoked', { code }));
    }
    return known === 'revoked' ? nothing() : refuse('not-found');
  }
  if (circle.invites.has(code)) return repeat();
  const { maxUses, expiresIn } = command;
  const full = circle.invites.size >= limits.invitesPerCircleMax;
  if (full && [...circle.invites.values()].every((invite) => isUsable(invite, at))) {
    return refuse('too-many');
  }
  const expired = full ? [...circle.invites].filter(([, invite]) => !isUsable(invite, at)) : [];
  return record(
    ...expired.slice(0, 1).map(([old]) => event('invite-revoked', { code: old })),
    event('invite-created', { code, maxUses, ...(expiresIn > 0 && { expiresAt: at + expiresIn }) }),
  );
};
