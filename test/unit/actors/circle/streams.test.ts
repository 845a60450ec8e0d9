import { test } from 'vitest';
import { circleRules } from '../../../../src/actors/circle/rules.ts';
import { limits } from '../../../../src/actors/limits.ts';
import { type EventIn, event } from '../../../../src/events/kinds/kinds.ts';
import { by, circle, founded, owner, stream } from '../../../support/fixtures/circle-past.ts';
import { givenBy } from '../../../support/fixtures/given.ts';
import { numbered } from '../../../support/generators/chatter.ts';

const given = givenBy(circleRules);
const create = { ...by(owner), op: 'create-stream', circle, id: stream, name: 'news' } as const;
const update = { ...by(owner), op: 'update-stream', circle, id: stream } as const;
const remove = { ...by(owner), op: 'delete-stream', circle, id: stream } as const;
const created: EventIn<'circle'> = event('stream-created', { id: stream, name: 'news' });
const archived = event('stream-archived', { id: stream });
const gone = event('stream-deleted', { id: stream });
const past = [...founded('private'), created];

const crowded = [
  ...founded('private'),
  ...Array.from({ length: limits.streamsPerCircleMax - 1 }, (_, index) =>
    event('stream-created', { id: numbered(1000 + index), name: 'news' }),
  ),
];

test('the owner creates streams; the same again is answered again [H2]', () => {
  given(founded('private')).when(create).records(created);
  given(founded('private'))
    .when({ ...create, topic: 'what is new' })
    .records(event('stream-created', { id: stream, name: 'news', topic: 'what is new' }));
  given(past)
    .when({ ...create, name: 'another' })
    .repeats();
});

test('the id of a deleted stream stays taken [H4]', () => {
  given([...past, gone])
    .when(create)
    .refuses('not-found');
});

test('a circle has 500 streams at most; archived ones count, deleted ones do not', () => {
  given(crowded).when(create).refuses('too-many');
  given([...crowded, event('stream-archived', { id: numbered(1000) })])
    .when(create)
    .refuses('too-many');
  given(crowded.slice(0, -1)).when(create).records(created);
  given([...crowded, event('stream-deleted', { id: numbered(1000) })])
    .when(create)
    .records(created);
});

test('a repeat is answered before a limit is reached [W8]', () => {
  given([...crowded.slice(0, -1), created])
    .when(create)
    .repeats();
});

test('an update records only what differs', () => {
  const change = { ...update, name: 'news', topic: 'what is new' };
  given(past)
    .when(change)
    .records(event('stream-updated', { id: stream, topic: 'what is new' }));
  given([...past, event('stream-updated', { id: stream, topic: 'what is new' })])
    .when(change)
    .changesNothing();
  given([...past, event('stream-updated', { id: stream, topic: 'what is new' })])
    .when({ ...update, topic: null })
    .records(event('stream-updated', { id: stream, topic: null }));
  given(past)
    .when({ ...update, topic: null })
    .changesNothing();
});

// The state forgets an empty topic that an update has set, so each repeat records it once more.
test('an empty topic is recorded once', () => {
  given([...past, event('stream-updated', { id: stream, topic: '' })])
    .when({ ...update, topic: '' })
    .changesNothing();
});

test('a stream is archived and brought back, each once [H4]', () => {
  given(past)
    .when({ ...update, archived: true })
    .records(archived);
  given(past)
    .when({ ...update, archived: false })
    .changesNothing();
  given([...past, archived])
    .when({ ...update, archived: true })
    .changesNothing();
  given([...past, archived])
    .when({ ...update, archived: false, name: 'old news' })
    .records(
      event('stream-updated', { id: stream, name: 'old news' }),
      event('stream-restored', { id: stream }),
    );
});

test('a stream is deleted, archived or not; again that changes nothing [H4]', () => {
  given(past).when(remove).records(gone);
  given([...past, archived])
    .when(remove)
    .records(gone);
  given([...past, gone])
    .when(remove)
    .changesNothing();
});

test('what is not there, or not any more, is not found [H4]', () => {
  given(founded('private')).when(remove).refuses('not-found');
  given(founded('private'))
    .when({ ...update, name: 'x' })
    .refuses('not-found');
  given([...past, gone])
    .when({ ...update, archived: false })
    .refuses('not-found');
});
