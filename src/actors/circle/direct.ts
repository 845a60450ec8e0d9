import { event } from '../../events/kinds/kinds.ts';
import { record, refuse, repeat } from '../decision.ts';
import type { CircleCommandOf, CircleDecision } from './commands.ts';
import type { CircleState } from './state.ts';

/**
 * A direct conversation starts with both users in it and one stream, and then never changes. There is only one,
 * however often either of them opens it, since its id is derived from theirs.
 */
export const openDirect = (
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
