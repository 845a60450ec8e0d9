import type { CircleCommand } from '../../src/actors/circle/commands.ts';
import { circleRules } from '../../src/actors/circle/rules.ts';
import type { CircleState } from '../../src/actors/circle/state.ts';
import type { CircleId, StreamId, UserId } from '../../src/events/ids.ts';
import { type EventIn, event } from '../../src/events/kinds/kinds.ts';
import { numbered } from './chatter.ts';
import { epochMs, folded, type Past } from './given.ts';

export const owner = numbered(1) as UserId;
export const member = numbered(2) as UserId;
export const outsider = numbered(3) as UserId;
export const circle = numbered(100) as CircleId;
export const stream = numbered(101) as StreamId;

export type CirclePast = readonly Past<EventIn<'circle'>>[];

/** Who asks, and when. */
export const by = (user: UserId, at = epochMs) => ({ by: user, at });

export const joined = (user: string, invite?: string): EventIn<'circle'> =>
  event('member-joined', { user, ...(invite !== undefined && { invite }) });

/** A circle of the owner's with a member, and the stream that it is born with. */
export const founded = (visibility: 'public' | 'private'): CirclePast => [
  event('circle-created', { kind: 'circle', name: 'Tea', visibility, owner }),
  joined(owner),
  event('stream-created', { id: circle, name: 'general' }),
  joined(member),
];

/** A conversation of two, which nobody owns. */
export const direct: CirclePast = [
  event('circle-created', { kind: 'direct', name: '', visibility: 'private' }),
  joined(owner),
  joined(member),
  event('stream-created', { id: circle, name: 'general' }),
];

export const deleted: EventIn<'circle'> = event('circle-deleted', {});

export const invited = (code: string, maxUses = 0, expiresAt?: number): EventIn<'circle'> =>
  event('invite-created', { code, maxUses, ...(expiresAt !== undefined && { expiresAt }) });

/** A circle's state, for the rules of its streams. */
export const circleOf = (past: CirclePast): CircleState => folded(circleRules, past);

/** One command of each kind to a circle, by whoever is given. */
export const everyCommand = (user: UserId): CircleCommand[] => [
  { ...by(user), op: 'update-circle', id: circle, name: 'Coffee' },
  { ...by(user), op: 'delete-circle', id: circle },
  { ...by(user), op: 'join-circle', circle, joined: 0 },
  { ...by(user), op: 'join-circle', circle, joined: 200 },
  { ...by(user), op: 'join-circle', circle, joined: 0, invite: 'unknown' },
  { ...by(user), op: 'leave-circle', circle },
  { ...by(user), op: 'remove-member', circle, user: member, known: true },
  { ...by(user), op: 'remove-member', circle, user, known: true },
  { ...by(user), op: 'create-invite', circle, code: 'abc', expiresIn: 0, maxUses: 0 },
  { ...by(user), op: 'revoke-invite', circle, code: 'abc', known: undefined },
  { ...by(user), op: 'set-member-data', circle, nickname: 'Mops' },
  { ...by(user), op: 'create-stream', circle, id: stream, name: 'news' },
  { ...by(user), op: 'create-stream', circle, id: circle, name: 'general' },
  { ...by(user), op: 'update-stream', circle, id: circle, name: 'news' },
  { ...by(user), op: 'delete-stream', circle, id: circle },
];
