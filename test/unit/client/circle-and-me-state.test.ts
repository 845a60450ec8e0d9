import { describe, expect, it } from 'vitest';
import { circleAfter, circleState, circleWithLast } from '../../../src/client/circle-state.ts';
import type { StreamEvent } from '../../../src/client/frames.ts';
import { type MeState, meAfter, meState, meWithCircle } from '../../../src/client/me-state.ts';

type State = { readonly n: number };
type Happened = { [K in StreamEvent['k']]: [K, Extract<StreamEvent, { k: K }>['d']] };

/** The state after these, one after the other; each is told twice. */
const fold =
  <S extends State>(step: (state: S, event: StreamEvent) => S) =>
  (state: S, ...happened: Happened[StreamEvent['k']][]): S =>
    happened.reduce((before, [k, d]) => {
      const event = { n: before.n + 1, at: 5_000, by: 'ben', k, d } as StreamEvent;
      return step(step(before, event), event);
    }, state);

describe('a circle', () => {
  const told = fold(circleAfter);
  const general = { id: 'c', s: 'c/c', name: 'general', last: 4 };
  const circle = {
    id: 'c',
    kind: 'circle',
    name: 'Tea',
    visibility: 'public',
    members: 2,
  } as const;
  const begun = circleState({
    s: 'c',
    n: 7,
    why: 'new',
    circle: { ...circle, streams: [general] },
  });

  it('is renamed, described and hidden', () => {
    const named = told(begun, ['circle-updated', { name: 'Coffee', about: 'black' }]);
    expect(named).toMatchObject({ n: 8, name: 'Coffee', about: 'black', visibility: 'public' });
    const hidden = told(named, ['circle-updated', { about: null, visibility: 'private' }]);
    expect(hidden).toMatchObject({ name: 'Coffee', visibility: 'private' });
    expect(hidden).not.toHaveProperty('about');
  });

  it('counts its members', () => {
    const joined = told(
      begun,
      ['member-joined', { user: 'cleo' }],
      ['member-joined', { user: 'dan' }],
    );
    expect(joined.members).toBe(4);
    expect(told(joined, ['member-left', { user: 'dan' }]).members).toBe(3);
    expect(told(joined, ['member-removed', { user: 'dan' }]).members).toBe(3);
  });

  it('has streams, which are created, updated, archived and deleted', () => {
    const made = told(begun, ['stream-created', { id: 'x', name: 'news', topic: 'today' }]);
    expect(made.streams).toEqual([
      general,
      { id: 'x', s: 'c/x', name: 'news', topic: 'today', last: 0 },
    ]);
    const changed = told(
      made,
      ['stream-updated', { id: 'x', name: 'old news', topic: null }],
      ['stream-archived', { id: 'x' }],
    );
    expect(changed.streams[1]).toEqual({
      id: 'x',
      s: 'c/x',
      name: 'old news',
      archived: true,
      last: 0,
    });
    const back = told(changed, ['stream-restored', { id: 'x' }]);
    expect(back.streams[1]).toEqual({ id: 'x', s: 'c/x', name: 'old news', last: 0 });
    expect(told(back, ['stream-deleted', { id: 'x' }]).streams).toEqual([general]);
  });

  it('receives newest message numbers, which never decrease', () => {
    expect(circleWithLast(begun, 'c/c', 9).streams[0]?.last).toBe(9);
    expect(circleWithLast(begun, 'c/c', 3).streams[0]?.last).toBe(4);
  });

  it('ignores unknown kinds, and rejects gaps', () => {
    const unknown = {
      n: 8,
      at: 1,
      by: 'ben',
      k: 'circle-painted',
      d: {},
    } as unknown as StreamEvent;
    expect(circleAfter(begun, unknown)).toEqual({ ...begun, n: 8 });
    expect(() => circleAfter(begun, { ...unknown, n: 9 })).toThrow('event 9 came after 7');
    expect(() => circleState({ s: 'me', n: 1, why: 'new' })).toThrow(TypeError);
  });
});

describe('me', () => {
  const told = fold(meAfter);
  const user = { id: 'u', username: 'ada', displayName: 'Ada', avatar: 'https://a' };
  const entry = (id: string) => ({ id, kind: 'circle', name: id, visibility: 'public' }) as const;
  const begun: MeState = meState({
    ...{ s: 'me', n: 3, why: 'new' },
    me: { user, circles: [entry('b')] },
  });

  it('changes its display name, and uses the username without one', () => {
    const renamed = told(begun, ['profile-updated', { displayName: 'A.', about: 'tea' }]);
    expect(renamed.user).toEqual({ ...user, displayName: 'A.', about: 'tea' });
    const bare = told(renamed, ['profile-updated', { displayName: null, avatar: null }]);
    expect(bare.user).toEqual({ id: 'u', username: 'ada', displayName: 'ada', about: 'tea' });
  });

  it('joins circles, whose details are requested, and leaves them', () => {
    const joined = told(
      begun,
      ['circle-joined', { circle: 'a' }],
      ['circle-joined', { circle: 'b' }],
    );
    expect(joined).toMatchObject({ unknown: ['a'], circles: [entry('b')] });
    const known = meWithCircle(joined, { ...entry('a'), with: user });
    expect(known).toMatchObject({
      unknown: [],
      circles: [{ ...entry('a'), with: user }, entry('b')],
    });
    const left = told(known, ['circle-left', { circle: 'b' }]);
    expect(left.circles.map(({ id }) => id)).toEqual(['a']);
    expect(told(joined, ['circle-left', { circle: 'a' }]).unknown).toEqual([]);
  });

  it('ignores details of a circle left meanwhile, and updates names of others', () => {
    expect(meWithCircle(begun, entry('z'))).toBe(begun);
    const renamed = meWithCircle(begun, { ...entry('b'), name: 'B!' });
    expect(renamed.circles).toEqual([{ ...entry('b'), name: 'B!' }]);
  });

  it('ignores sessions and unknown kinds, and rejects gaps', () => {
    const opened = told(begun, ['session-opened', { id: 's' }], ['password-changed', {}]);
    expect(opened).toEqual({ ...begun, n: 5 });
    const event = { n: 5, at: 1, by: 'u', k: 'session-closed', d: { id: 's' } } as const;
    expect(() => meAfter(begun, event)).toThrow('event 5 came after 3');
    expect(() => meState({ s: 'c', n: 1, why: 'new' })).toThrow(TypeError);
  });
});
