import { describe, expect, it } from 'vitest';
import { circleAggregate, streamAggregate, userAggregate } from '../../../src/events/aggregate.ts';
import type { StreamId, UserId } from '../../../src/events/ids.ts';
import { event, type KnownEvent } from '../../../src/events/kinds/kinds.ts';
import { type Explanation, explain, type Fact } from '../../../src/history/explanation.ts';
import { circle, joined, member, outsider, owner } from '../../support/fixtures/circle-past.ts';
import { epochMs } from '../../support/fixtures/given.ts';
import { numbered } from '../../support/generators/chatter.ts';

const stream = numbered(101);
const message = numbered(200);
const session = numbered(300);

type Happened = KnownEvent & { readonly by?: string; readonly cmd?: string };

const created = event('circle-created', {
  ...{ kind: 'circle', name: 'Tea', visibility: 'public', owner },
});
const general = event('stream-created', { id: stream, name: 'general' });
const madePrivate = event('circle-updated', { visibility: 'private' });
const invite = (maxUses = 0, expiresAt?: number) =>
  event('invite-created', { code: 'abc', maxUses, ...(expiresAt && { expiresAt }) });
const revoked = event('invite-revoked', { code: 'abc' });
const left = event('member-left', { user: member });
const archived = event('stream-archived', { id: stream });
const restored = event('stream-restored', { id: stream });
const founded: readonly Happened[] = [created, joined(owner), general];

/** A post by somebody after what happened to the circle: its events are one millisecond and one place apart. */
const asked = (
  before: readonly Happened[],
  more: {
    readonly by?: UserId;
    readonly after?: readonly Happened[];
    readonly later?: readonly Happened[];
    readonly author?: readonly Happened[];
    readonly session?: string;
  } = {},
): Explanation => {
  const { by = member, after = [], later = [] } = more;
  const author = more.author ?? [
    event('user-registered', { username: 'ben' }),
    event('session-opened', { id: session, digest: 'secret' }),
  ];
  const fact =
    (of: Fact['of'], from: number) =>
    (each: Happened, index: number): Fact =>
      ({
        ...{ by: owner, ...each, of, n: index + 1 },
        ...{ at: epochMs + from + index, position: `0:${from + index}` },
      }) as Fact;
  const ofCircle = fact(circleAggregate(circle), 1);
  const ofStream = fact(streamAggregate(circle, stream as StreamId), 50);
  const said = { ...event('message-posted', { id: message, m: 1, text: 'hi', mentions: [] }), by };
  const post = { ...ofStream(said, 0), ses: more.session ?? session };
  return explain({
    ...{ circle, stream, post: post as never },
    later: later.map((each, index) => ofStream(each, index + 1)),
    before: before.map(ofCircle),
    after: after.map((each, index) => ofCircle(each, 60 + index)),
    author: author.map(fact(userAggregate(by), 0)),
  });
};

const words = ({ steps }: Explanation): string[] => steps.map(({ what }) => what);
const account = ['registered as ben', `session ${session} opened`];

describe('who had the right', () => {
  it('the owner, who made the circle', () => {
    const found = asked(founded, { by: owner });
    expect(found).toMatchObject({ right: true, faults: [] });
    expect(found.because).toBe(
      'The author created the circle and was a member, and the stream was open.',
    );
  });

  it('who joined while the circle was public, also when it was made private later', () => {
    const found = asked([...founded, joined(member), madePrivate]);
    expect(found.because).toMatch(/joined while the circle was public and had not left/);
    expect(new Set(words(found))).toEqual(
      new Set([
        ...[...account, 'circle “Tea” created, public', 'joined'],
        ...['stream “general” created', 'posted as message 1'],
      ]),
    );
    expect(words(found).at(-1)).toBe('posted as message 1');
  });

  it('who was let in by an invite, made by somebody', () => {
    const found = asked([
      ...founded,
      madePrivate,
      { ...invite(2), by: outsider },
      joined(member, 'abc'),
    ]);
    expect(found).toMatchObject({ right: true });
    expect(found.because).toMatch(/joined by invite abc and had not left/);
    const made = found.steps.find(({ k }) => k === 'invite-created');
    expect(made).toMatchObject({ by: outsider, what: 'invite abc created: 2 uses' });
  });

  it('whom the invite let in before it was revoked, and the last one whom it let in', () => {
    const past = [...founded, madePrivate, invite(2), joined(numbered(9), 'abc')];
    expect(asked([...past, joined(member, 'abc'), revoked]).right).toBe(true);
  });

  it('who left and came again; the stream was archived and restored', () => {
    const past = [...founded, joined(member), left, joined(member), archived, restored];
    const found = asked(past);
    expect(found.right).toBe(true);
    expect(words(found)).toContain('stream restored');
  });

  it('both people of a direct conversation', () => {
    const opened = event('circle-created', { kind: 'direct', name: '', visibility: 'private' });
    const found = asked([opened, joined(owner), joined(member), general]);
    expect(found.because).toMatch(/was one of the two members of a direct conversation/);
  });
});

describe('who had none, which should never be', () => {
  const inside = [...founded, joined(member)];
  const cases: readonly [string, Explanation, RegExp][] = [
    ['never joined', asked(founded), /had never joined/],
    ['left', asked([...inside, left]), /not a member of the circle since 2023-11-14T/],
    [
      'removed',
      asked([...inside, event('member-removed', { user: member })]),
      /not a member of the circle since/,
    ],
    ['came only later', asked(founded, { after: [joined(member)] }), /had never joined/],
    ['no circle', asked([]), /the circle did not exist yet; .*the stream did not exist yet/],
    ['deleted circle', asked([...inside, event('circle-deleted', {})]), /circle was deleted at/],
    ['no stream', asked([created, joined(owner), joined(member)]), /stream did not exist yet/],
    ['archived', asked([...inside, archived]), /stream was archived since/],
    ['archived again', asked([...inside, archived, restored, archived]), /archived since/],
    [
      'deleted stream',
      asked([...inside, event('stream-deleted', { id: stream })]),
      /stream was deleted at/,
    ],
    ['private', asked([...founded, madePrivate, joined(member)]), /private, without an invite/],
    [
      'no invite',
      asked([...founded, madePrivate, joined(member, 'abc')]),
      /abc, which did not exist/,
    ],
    [
      'revoked invite',
      asked([...founded, invite(), revoked, joined(member, 'abc')]),
      /abc, which had been revoked/,
    ],
    [
      'expired invite',
      asked([...founded, invite(0, epochMs + 2), joined(member, 'abc')]),
      /abc, which had expired/,
    ],
    [
      'used up invite',
      asked([...founded, invite(1), joined(numbered(9), 'abc'), joined(member, 'abc')]),
      /abc, which was used up/,
    ],
    ['no account', asked(inside, { author: [] }), /no account of this author.*session/],
    ['foreign session', asked(inside, { session: numbered(7) }), /does not belong to the author/],
  ];
  it.each(cases)('%s', (_, found, because) => {
    expect(found.right).toBe(false);
    expect(found.because).toMatch(because);
  });
});

it('says what became of it', () => {
  const edited = event('message-edited', { id: message, text: 'ho', mentions: [] });
  const deleted = event('message-deleted', { id: message });
  const other = event('stream-archived', { id: numbered(999) });
  const { since } = asked([...founded, joined(member)], {
    later: [
      { ...edited, by: member },
      { ...event('reaction-added', { id: message, emoji: '👍' }), by: owner },
      { ...deleted, by: owner },
    ],
    after: [joined(numbered(9)), other, left, archived, event('circle-deleted', {})],
  });
  expect(since.map(({ what }) => what)).toEqual([
    ...['edited: ho', 'deleted by the owner of the circle', 'the author left the circle'],
    ...['stream archived', 'circle deleted'],
  ]);
});

it('a token of a session is in nothing that it says', () => {
  expect(JSON.stringify(asked([...founded, joined(member)]))).not.toContain('secret');
});
