import { test } from 'vitest';
import type { Past as Looked } from '../../../../src/actors/stream/commands.ts';
import type { MessageFacts } from '../../../../src/actors/stream/message-facts.ts';
import type { EventIn } from '../../../../src/events/kinds/kinds.ts';
import { event } from '../../../../src/events/kinds/kinds.ts';
import {
  by,
  circle,
  circleOf,
  deleted,
  direct,
  founded,
  joined,
  member,
  outsider,
  owner,
  stream,
} from '../../../support/fixtures/circle-past.ts';
import { epochMs, type Past } from '../../../support/fixtures/given.ts';
import { archived, created, given, inside } from '../../../support/fixtures/stream-world.ts';
import { numbered } from '../../../support/generators/chatter.ts';

const world = inside([...founded('public'), joined(numbered(4))]);

const opened: EventIn<'stream'> = event('stream-opened', {});
const posted = (id: number, m: number, text = 'hello'): EventIn<'stream'> =>
  event('message-posted', { id: numbered(id), m, text, mentions: [] });
const said: readonly Past<EventIn<'stream'>>[] = [opened, { ...posted(1, 1), by: member }];
const tombstone = [...said, event('message-deleted', { id: numbered(1) })];

const here = { circle, stream };
const id = numbered(1);
const post = { ...here, op: 'post-message', id, text: 'hello', named: [] } as const;
const edit = { ...here, op: 'edit-message', id, text: 'new', named: [] } as const;
const remove = { ...here, op: 'delete-message', id } as const;
const edited = event('message-edited', { id, m: 1, text: 'new', mentions: [] });

test('messages are numbered in their stream; edits and deletions do not count', () => {
  given([...said, edited, event('message-deleted', { id })], world)
    .when({ ...by(member), ...post, id: numbered(2) })
    .records(posted(2, 2));
});

test('a post is answered with its numbers, counted from the event that opens the stream', () => {
  const first = given([], world).when({ ...by(member), ...post });
  first.records(opened, posted(1, 1));
  first.answers({ id, n: 2, m: 1, at: epochMs });
  const second = given(said, world).when({ ...by(owner), ...post, id: numbered(2) });
  second.answers({ id: numbered(2), n: 3, m: 2, at: epochMs });
});

test('a repeated post gets its first answer, whatever its text and time [H2] [W8]', () => {
  given(said, world)
    .when({ ...by(member, epochMs + 99), ...post, text: 'other' })
    .repeats({ id, n: 2, m: 1, at: epochMs });
  given(tombstone, world)
    .when({ ...by(member), ...post })
    .repeats({ id, n: 2, m: 1, at: epochMs });
});

test('the id of a message of somebody else is a conflict [H2]', () => {
  given(said, world)
    .when({ ...by(owner), ...post })
    .refuses('conflict', 'id');
});

test('only members post, edit and delete; a private circle looks like none to others [H1]', () => {
  for (const command of [post, edit, remove]) {
    given(said, world)
      .when({ ...by(outsider), ...command })
      .refuses('forbidden');
    for (const past of [founded('private'), direct, [...founded('public'), deleted], []]) {
      given(said, inside(past))
        .when({ ...by(outsider), ...command })
        .refuses('not-found');
    }
  }
});

test('in a stream that is not there or was deleted nothing is found [H4]', () => {
  const gone = circleOf([...founded('public'), created, event('stream-deleted', { id: stream })]);
  for (const command of [{ ...post, id: numbered(2) }, edit, remove]) {
    for (const state of [gone, circleOf(founded('public'))]) {
      given(said, state)
        .when({ ...by(member), ...command })
        .refuses('not-found');
    }
  }
});

test('a repeated post gets its first answer after its author has lost access [W8]', () => {
  const gone = circleOf([...founded('public'), created, event('stream-deleted', { id: stream })]);
  for (const state of [inside(founded('private')), inside([...founded('public'), deleted]), gone]) {
    given(said, state)
      .when({ ...by(member), ...post })
      .repeats({ id, n: 2, m: 1, at: epochMs });
  }
});

test('an archived stream refuses all but a repeat of what was done [H4]', () => {
  given(said, archived)
    .when({ ...by(member), ...post })
    .repeats({ id, n: 2, m: 1, at: epochMs });
  given(said, archived)
    .when({ ...by(member), ...post, id: numbered(2) })
    .refuses('archived');
  given(said, archived)
    .when({ ...by(member), ...edit })
    .refuses('archived');
  given(said, archived)
    .when({ ...by(member), ...remove })
    .refuses('archived');
});

test('a reply names a message of the stream, a tombstone too [H4]', () => {
  const reply = { ...by(owner), ...post, id: numbered(2), replyTo: id };
  const replied = event('message-posted', {
    id: numbered(2),
    m: 2,
    text: 'hello',
    replyTo: id,
    mentions: [],
  });
  given(said, world).when(reply).records(replied);
  given(tombstone, world).when(reply).records(replied);
  given(said, world)
    .when({ ...reply, replyTo: numbered(9) })
    .refuses('bad-request', 'replyTo');
});

test('members are mentioned, others who are named are not [H5]', () => {
  const named = [[outsider], [numbered(4)], [outsider, owner], [owner]];
  given(said, world)
    .when({ ...by(member), ...post, id: numbered(2), named })
    .records(
      event('message-posted', {
        id: numbered(2),
        m: 2,
        text: 'hello',
        mentions: [numbered(4), owner],
      }),
    );
  given(said, world)
    .when({ ...by(member), ...edit, named })
    .records(event('message-edited', { id, m: 1, text: 'new', mentions: [numbered(4), owner] }));
});

test('who wrote a message edits it, nobody else, not even the owner [H3]', () => {
  given(said, world)
    .when({ ...by(member), ...edit })
    .records(edited);
  for (const user of [owner, numbered(4) as typeof owner]) {
    given(said, world)
      .when({ ...by(user), ...edit })
      .refuses('forbidden');
  }
});

test('two edits without a key are two [W8]', () => {
  given([...said, edited], world)
    .when({ ...by(member), ...edit })
    .records(edited);
});

test('who wrote a message deletes it, and the owner does [H3]', () => {
  for (const user of [member, owner]) {
    given(said, world)
      .when({ ...by(user), ...remove })
      .records(event('message-deleted', { id, m: 1 }));
  }
  given(said, world)
    .when({ ...by(numbered(4) as typeof owner), ...remove })
    .refuses('forbidden');
});

test('in a conversation of two nobody deletes what the other wrote [H3]', () => {
  const two = inside(direct);
  given(said, two)
    .when({ ...by(owner), ...remove })
    .refuses('forbidden');
  given(said, two)
    .when({ ...by(member), ...remove })
    .records(event('message-deleted', { id, m: 1 }));
});

test('a tombstone is not edited; deleting it again changes nothing, for who could delete it [H4]', () => {
  given(tombstone, world)
    .when({ ...by(member), ...edit })
    .refuses('not-found');
  given(tombstone, world)
    .when({ ...by(owner), ...remove })
    .changesNothing();
  given(tombstone, world)
    .when({ ...by(numbered(4) as typeof owner), ...remove })
    .refuses('forbidden');
});

test('a message that never was is not found', () => {
  for (const command of [edit, remove]) {
    given(said, world)
      .when({ ...by(member), ...command, id: numbered(9) })
      .refuses('not-found');
  }
});

test('a stream is opened once', () => {
  const open = { ...by(owner), ...here, op: 'open-stream' } as const;
  given([], world).when(open).records(opened);
  given(said, world).when(open).changesNothing();
});

const facts: MessageFacts = { by: member, n: 7, m: 5, at: epochMs - 1 };
const lookedUp = (each: MessageFacts, seq = said.length): Looked => ({
  ...{ seq, messages: new Map([[numbered(50), each]]), reactions: new Set() },
});
const old = lookedUp(facts);
const oldGone = lookedUp({ ...facts, deleted: true });
const past = { id: numbered(50), past: old };

test('an old message, looked up before, counts like a recent one', () => {
  given(said, world)
    .when({ ...by(member), ...post, ...past })
    .repeats({ id: numbered(50), n: 7, m: 5, at: epochMs - 1 });
  given(said, world)
    .when({ ...by(owner), ...post, ...past })
    .refuses('conflict', 'id');
  given(said, world)
    .when({ ...by(owner), ...edit, ...past })
    .refuses('forbidden');
  given(said, world)
    .when({ ...by(member), ...edit, ...past })
    .records(event('message-edited', { id: numbered(50), m: 5, text: 'new', mentions: [] }));
  given(said, world)
    .when({ ...by(owner), ...remove, ...past })
    .records(event('message-deleted', { id: numbered(50), m: 5 }));
});

test('an old message that is deleted stays so, by the read model or by what came after it in the same commit', () => {
  const since = [...said, event('message-deleted', { id: numbered(50) })];
  for (const [events, looked] of [
    [said, oldGone],
    [since, old],
  ] as const) {
    given(events, world)
      .when({ ...by(member), ...edit, id: numbered(50), past: looked })
      .refuses('not-found');
    given(events, world)
      .when({ ...by(member), ...remove, id: numbered(50), past: looked })
      .changesNothing();
  }
});
