import { streamRules } from '../../src/actors/stream/rules.ts';
import { event } from '../../src/events/kinds/kinds.ts';
import { type CirclePast, circleOf, founded, stream } from './circle-past.ts';
import { givenBy } from './given.ts';

/** A stream's rules, given what has happened in it. */
export const given = givenBy(streamRules);

/** The stream is made. */
export const created = event('stream-created', { id: stream, name: 'news' });

/** A circle with that past, and the stream in it. */
export const inside = (past: CirclePast) => circleOf([...past, created]);

/** A public circle whose stream is archived. */
export const archived = circleOf([
  ...founded('public'),
  created,
  event('stream-archived', { id: stream }),
]);
