import { event } from '../../events/kinds/kinds.ts';
import { record, refuse, repeat } from '../decision.ts';
import type { CircleCommandOf, CircleDecision } from './commands.ts';
import type { CircleState } from './state.ts';

/**
 * A direct conversation begins with both people in it and one stream, and then never changes. Whoever of the two
 * opens it, and however often: it is one, since its id follows from them.
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
