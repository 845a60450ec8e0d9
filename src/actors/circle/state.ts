import type { EventIn } from '../../events/kinds/kinds.ts';
import { defined } from '../../runtime/defined.ts';
import type { EventMeta } from '../rules.ts';
import { TrackedSet } from '../tracked-set.ts';

export type StreamEntry = {
  readonly name: string;
  readonly topic?: string;
  readonly status: 'open' | 'archived' | 'deleted';
};

export type Invite = {
  readonly by: string;
  readonly maxUses: number;
  readonly uses: number;
  readonly expiresAt?: number;
};

/** The state of a circle. Before `circle-created` and after `circle-deleted` there is none. */
export type CircleState = {
  status: 'none' | 'open' | 'deleted';
  kind: 'circle' | 'direct';
  createdBy: string;
  owner?: string;
  name: string;
  about?: string;
  visibility: 'public' | 'private';
  readonly members: TrackedSet;
  /** All streams that ever existed: the id of a deleted one stays taken. */
  readonly streams: Map<string, StreamEntry>;
  readonly invites: Map<string, Invite>;
};

export const noCircle = (): CircleState => ({
  status: 'none',
  kind: 'circle',
  createdBy: '',
  name: '',
  visibility: 'private',
  members: new TrackedSet(),
  streams: new Map(),
  invites: new Map(),
});

const changeStream = (circle: CircleState, id: string, change: Partial<StreamEntry>): void => {
  const entry = circle.streams.get(id);
  if (entry) circle.streams.set(id, { ...entry, ...change });
};

const updateStream = (
  circle: CircleState,
  { id, name, topic }: { id: string; name?: string; topic?: string | null },
): void => {
  const entry = circle.streams.get(id);
  if (!entry) return;
  const { topic: before, ...rest } = entry;
  const after = topic === undefined ? before : topic;
  circle.streams.set(id, {
    ...rest,
    ...defined({ name }),
    ...(after && { topic: after }),
  });
};

const join = (
  circle: CircleState,
  { user, invite: code }: { user: string; invite?: string },
): void => {
  circle.members.add(user);
  const invite = code === undefined ? undefined : circle.invites.get(code);
  if (!invite || code === undefined) return;
  const uses = invite.uses + 1;
  if (invite.maxUses > 0 && uses >= invite.maxUses) circle.invites.delete(code);
  else circle.invites.set(code, { ...invite, uses });
};

const remove = (circle: CircleState): void => {
  circle.status = 'deleted';
  circle.members.clear();
  circle.invites.clear();
};

export const evolve = (circle: CircleState, event: EventIn<'circle'>, meta: EventMeta): void => {
  switch (event.k) {
    case 'circle-created': {
      const { kind, name, visibility, about, owner } = event.d;
      Object.assign(circle, { status: 'open', kind, name, visibility, createdBy: meta.by });
      if (about !== undefined) circle.about = about;
      if (owner !== undefined) circle.owner = owner;
      break;
    }
    case 'circle-updated': {
      const { name, about, visibility } = event.d;
      if (name !== undefined) circle.name = name;
      if (visibility !== undefined) circle.visibility = visibility;
      if (about === null) delete circle.about;
      else if (about !== undefined) circle.about = about;
      break;
    }
    case 'circle-deleted':
      remove(circle);
      break;
    case 'member-joined':
      join(circle, event.d);
      break;
    case 'member-left':
    case 'member-removed':
      circle.members.delete(event.d.user);
      break;
    case 'stream-created': {
      const { id, name, topic } = event.d;
      circle.streams.set(id, { name, ...defined({ topic }), status: 'open' });
      break;
    }
    case 'stream-updated':
      updateStream(circle, event.d);
      break;
    case 'stream-archived':
      changeStream(circle, event.d.id, { status: 'archived' });
      break;
    case 'stream-restored':
      changeStream(circle, event.d.id, { status: 'open' });
      break;
    case 'stream-deleted':
      circle.streams.set(event.d.id, { name: '', status: 'deleted' });
      break;
    case 'invite-created': {
      const { code, maxUses, expiresAt } = event.d;
      circle.invites.set(code, { by: meta.by, maxUses, uses: 0, ...(expiresAt && { expiresAt }) });
      break;
    }
    case 'invite-revoked':
      circle.invites.delete(event.d.code);
      break;
    case 'member-data-changed':
      break;
  }
};
