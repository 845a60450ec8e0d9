import { describe, expect, it } from 'vitest';
import type { AuditEntry } from '../../../src/client/objects.ts';
import { circleKinds } from '../../../src/events/kinds/circle.ts';
import { streamKinds } from '../../../src/events/kinds/stream.ts';
import { comparisonOf } from '../../../web/src/state/history/comparison.ts';
import {
  beginOf,
  countOf,
  endOf,
  exportPath,
  fieldOf,
  requestFilter,
  withFilter,
} from '../../../web/src/state/history/filters.ts';
import { lastUpTo, stepAt, stepsMax, timeAt } from '../../../web/src/state/history/life.ts';
import { progressOf } from '../../../web/src/state/history/progress.ts';
import { kindLabels, sentenceOf, shortened } from '../../../web/src/state/history/sentences.ts';
import { pathOf, routeOf } from '../../../web/src/state/route.ts';

const circle = '01936f8e-0000-7000-8000-000000000001';
const names: Readonly<Record<string, string>> = { a: 'Ann', b: 'Bob', s: 'general' };

const entry = (k: string, extras: Partial<AuditEntry> = {}): AuditEntry => ({
  ...{ position: '0:7', n: 3, k, of: 'circle', circle, at: 7, by: 'a' },
  ...extras,
});

/** The sentence as text. */
const textOf = (of: AuditEntry): string =>
  sentenceOf(of)
    .map((part) => {
      if (typeof part === 'string') return part;
      if ('user' in part) return names[part.user] ?? '?';
      if ('stream' in part) return `#${part.name ?? names[part.stream] ?? '?'}`;
      return `“${part.quote}”`;
    })
    .join('');

type Kind = keyof typeof circleKinds | keyof typeof streamKinds;
type Case = readonly [extras: Partial<AuditEntry>, textOf: string];

const inStream = { of: 'stream', stream: 's', message: 'm' } as const;

/** An exhaustive record of all kinds. */
const sentences: Readonly<Record<Kind, readonly Case[]>> = {
  'circle-created': [
    [{ after: { name: 'Tea', visibility: 'public' } }, 'Ann created the public circle “Tea”'],
  ],
  'circle-updated': [
    [
      { before: { name: 'Tea' }, after: { name: 'Coffee' } },
      'Ann renamed the circle: “Tea” → “Coffee”',
    ],
    [
      {
        before: { about: 'Leaves', visibility: 'public' },
        after: { about: null, visibility: 'private' },
      },
      'Ann changed the description of the circle: “Leaves” → (empty); made the circle private',
    ],
    [{}, 'Ann updated the circle'],
  ],
  'circle-deleted': [[{}, 'Ann deleted the circle']],
  'member-joined': [
    [{ user: 'a', after: { user: 'a' } }, 'Ann joined'],
    [{ by: 'b', user: 'b', after: { user: 'b', invite: 'code' } }, 'Bob joined with an invite'],
  ],
  'member-left': [[{ user: 'a' }, 'Ann left']],
  'member-removed': [[{ user: 'b', before: { user: 'b' } }, 'Ann removed Bob']],
  'member-data-changed': [
    [{ after: { nickname: 'Annie' } }, 'Ann changed their nickname: (empty) → “Annie”'],
    [{ after: { avatar: 'https://example.org' } }, 'Ann changed their picture in this circle'],
    [{ after: { dataChanged: true } }, 'Ann changed their private data in this circle'],
  ],
  'stream-created': [[{ stream: 's', after: { name: 'news' } }, 'Ann created the stream #news']],
  'stream-updated': [
    [
      { stream: 's', before: { name: 'news' }, after: { name: 'olds' } },
      'Ann renamed a stream: “news” → “olds”',
    ],
    [
      { stream: 's', before: {}, after: { topic: 'All of it' } },
      'Ann changed the topic of #general: (empty) → “All of it”',
    ],
  ],
  'stream-archived': [[{ stream: 's' }, 'Ann archived #general']],
  'stream-restored': [[{ stream: 's' }, 'Ann unarchived #general']],
  'stream-deleted': [
    [{ stream: 'gone', before: { name: 'news' } }, 'Ann deleted the stream #news'],
  ],
  'invite-created': [[{ after: { code: 'x' } }, 'Ann created an invite']],
  'invite-revoked': [[{ before: { code: 'x' } }, 'Ann revoked an invite']],
  'stream-opened': [[{ of: 'stream', stream: 's' }, 'Ann opened #general']],
  'message-posted': [
    [{ ...inStream, after: { text: 'Hello' } }, 'Ann wrote in #general: “Hello”'],
    [{ ...inStream }, 'Ann wrote in #general'],
  ],
  'message-edited': [
    [
      { ...inStream, before: { text: 'Helo' }, after: { text: 'Hello' } },
      'Ann edited a message in #general: “Helo” → “Hello”',
    ],
  ],
  'message-deleted': [
    [
      { ...inStream, before: { author: 'b', text: 'Hello' } },
      'Ann deleted a message of Bob in #general: “Hello”',
    ],
  ],
  'message-pinned': [[{ ...inStream }, 'Ann pinned a message in #general']],
  'message-unpinned': [[{ ...inStream }, 'Ann unpinned a message in #general']],
  'reaction-added': [
    [
      { ...inStream, user: 'b', after: { emoji: '🎉' } },
      'Ann added 🎉 to a message of Bob in #general',
    ],
  ],
  'reaction-removed': [
    [{ ...inStream, before: { emoji: '🎉' } }, 'Ann removed 🎉 from a message in #general'],
  ],
};

describe('an event as a sentence', () => {
  const cases = Object.entries(sentences).flatMap(([kind, of]) =>
    of.map(([extras, text]) => [text, entry(kind, extras)] as const),
  );

  it.each(cases)('%s', (text, of) => {
    expect(textOf(of)).toBe(text);
  });

  it('exists for every kind, and every kind can be selected by its name', () => {
    const kinds = [...Object.keys(circleKinds), ...Object.keys(streamKinds)].toSorted();
    expect(kindLabels.map(([kind]) => kind).toSorted()).toEqual(kinds);
    expect(new Set(kindLabels.map(([, label]) => label)).size).toBe(kinds.length);
  });

  it('names an unknown kind, also one named like a property of all objects', () => {
    expect(textOf(entry('circle-dreamed'))).toBe('Ann circle-dreamed');
    expect(textOf(entry('constructor'))).toBe('Ann constructor');
  });

  it('handles any value instead of a text', () => {
    for (const kind of Object.keys(sentences)) {
      const strange = { name: 7, text: { a: 1 }, emoji: null, visibility: [], topic: true };
      expect(textOf(entry(kind, { before: strange, after: strange }))).toMatch(/^Ann /);
    }
  });

  it('shows the start of a long text, without splitting a grapheme', () => {
    expect(shortened('a\n\n b')).toBe('a b');
    expect(shortened('🎉'.repeat(200), 3)).toBe('🎉🎉…');
    expect(shortened('👩‍👩‍👧'.repeat(200), 3)).toBe('👩‍👩‍👧👩‍👩‍👧…');
    expect([...shortened('x'.repeat(10_000))]).toHaveLength(140);
    expect(shortened('x'.repeat(140))).toBe('x'.repeat(140));
  });
});

describe('before and after', () => {
  const compare = (before: object, after: object) =>
    comparisonOf({ before: { ...before }, after: { ...after } }, (user) => names[user] ?? '?').map(
      ({ label, before: was, after: is }) => [label, was, is],
    );

  it('are compared by field', () => {
    expect(compare({ name: 'Tea' }, { name: 'Coffee', about: 'Beans' })).toEqual([
      ['Name', 'Tea', 'Coffee'],
      ['About', undefined, 'Beans'],
    ]);
  });

  it('are formatted by type: users, times, numbers, booleans', () => {
    const [, joined] = compare({ user: 'b', joinedAt: 0 }, {});
    expect(joined?.[1]).toMatch(/19(69|70)/);
    expect(compare({ archived: false, maxUses: 0, uses: 0 }, { archived: true })).toEqual([
      ['Archived', 'no', 'yes'],
      ['Maximum uses', 'unlimited', undefined],
      ['Uses', '0', undefined],
    ]);
    expect(compare({ author: 'b', list: ['x', 1] }, { list: [], odd: { x: 1 } })).toEqual([
      ['Author', 'Bob', undefined],
      ['list', 'x, 1', undefined],
      ['odd', undefined, '{"x":1}'],
    ]);
  });
});

describe('filters', () => {
  it('are set and removed one by one', () => {
    const one = withFilter({}, 'by', 'a');
    const two = withFilter(one, 'since', 0);
    expect([two, countOf(two)]).toEqual([{ by: 'a', since: 0 }, 2]);
    expect(withFilter(two, 'by', undefined)).toEqual({ since: 0 });
  });

  it('end at the moment that is looked at, or before', () => {
    expect(requestFilter({ by: 'a', until: 9 })).toEqual({ by: 'a', until: 9 });
    expect(requestFilter({ until: 9 }, 5)).toEqual({ until: 6 });
    expect(requestFilter({ until: 5 }, 9)).toEqual({ until: 5 });
    expect(requestFilter({ kind: 'member-left' })).toEqual({ kind: 'member-left' });
  });

  it('select the same events in an export', () => {
    expect(exportPath(circle, {}, 'csv')).toBe(`/v1/circles/${circle}/audit?format=csv`);
    expect(exportPath(circle, { by: 'a&b', since: 7 }, 'ndjson')).toBe(
      `/v1/circles/${circle}/audit?format=ndjson&by=a%26b&since=7`,
    );
  });

  it('have times to the second, which include the whole second', () => {
    const at = new Date(2026, 2, 3, 14, 5, 9, 250).getTime();
    expect(fieldOf(at)).toBe('2026-03-03T14:05:09');
    expect(beginOf(fieldOf(at))).toBe(at - 250);
    expect(endOf(fieldOf(at))).toBe(at + 749);
    expect([fieldOf(undefined), beginOf(''), endOf('soon')]).toEqual(['', undefined, undefined]);
  });
});

describe('the timeline', () => {
  const life = { from: 1_000, to: 11_000 };

  it('goes from the creation to now', () => {
    expect([timeAt(0, life), timeAt(stepsMax / 2, life)]).toEqual([1_000, 6_000]);
    expect(timeAt(stepsMax, life)).toBeUndefined();
    expect([stepAt(1_000, life), stepAt(6_000, life)]).toEqual([0, stepsMax / 2]);
    expect(stepAt(undefined, life)).toBe(stepsMax);
  });

  it('shows now without a time, and nothing beyond its ends', () => {
    expect(stepAt(11_000, life)).toBe(stepsMax - 1);
    expect(stepAt(0, life)).toBe(0);
    expect(stepAt(7, { from: 7, to: 7 })).toBe(0);
  });

  it('marks the last event before the time', () => {
    const events = [{ at: 9 }, { at: 5 }, { at: 5 }, { at: 1 }];
    expect(lastUpTo(events, 8)).toBe(events[1]);
    expect(lastUpTo(events, 9)).toBe(events[0]);
    expect(lastUpTo(events, 0)).toBeUndefined();
  });
});

describe('the progress of a projection', () => {
  const of = { name: 'messages', version: 3, state: 'live', applied: 10, head: 10, lag: 0 };

  it.each([
    [{}, 'live', 'live', 1],
    [{ applied: 0, head: 0 }, 'live', 'live', 1],
    [{ state: 'catching-up' }, 'live', 'live', 1],
    [
      { state: 'catching-up', applied: 4, lag: 6, rate: 4 },
      'behind',
      '6 events behind, 2 s left',
      0.4,
    ],
    [{ applied: 9, lag: 1 }, 'behind', '1 event behind', 0.9],
    [{ state: 'failed', applied: 5, lag: 5 }, 'failed', 'failed, 5 events behind', 0.5],
    [{ state: 'not-running' }, 'stopped', 'not running', 1],
    [{ state: 'stopped', applied: 5, lag: 5 }, 'stopped', 'stopped, 5 events behind', 0.5],
  ])('%j', (changes, ...expected) => {
    const shown = progressOf({ ...of, ...changes });
    expect([shown.state, shown.words, shown.done / shown.whole]).toEqual(expected);
  });
});

describe('the URL of the history', () => {
  it.each(['/history', `/history/${circle}`])('%s names a place and back', (path) => {
    expect(pathOf(routeOf(path))).toBe(path);
  });

  it('offers a choice without a circle', () => {
    expect(routeOf('/history/nonsense')).toEqual({ at: 'history' });
  });
});
