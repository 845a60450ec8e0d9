import { describe, expect, it } from 'vitest';
import type { History, Message } from '../../../src/client/objects.ts';
import { uuid7 } from '../../../src/client/uuid7.ts';
import { begunMention, completed, completions } from '../../../web/src/state/completion.ts';
import { messageNear } from '../../../web/src/state/search-by-id.ts';
import { matching } from '../../../web/src/state/switcher.ts';

const people = [
  { id: '1', username: 'ada', name: 'Ada Lindqvist' },
  { id: '2', username: 'ben.okafor', name: 'Ben Okafor' },
  { id: '3', username: 'lin', name: 'Adam Lin' },
  { id: '4', username: 'Zoé', name: 'Zoé Adair' },
];

describe('a mention that is typed', () => {
  it.each([
    ['hi @ad', 6, { start: 3, query: 'ad' }],
    ['@', 1, { start: 0, query: '' }],
    ['(@ben.o', 7, { start: 1, query: 'ben.o' }],
    ['mail@ad', 7, undefined],
    ['@ad da', 6, undefined],
    ['@ada and', 3, { start: 0, query: 'ad' }],
  ])('%s at %d', (text, caret, begun) => {
    expect(begunMention(text, caret)).toEqual(begun);
  });

  it('offers usernames first, then names, then parts of names, in any case', () => {
    const names = completions(people, 'AD').map(({ username }) => username);
    expect(names).toEqual(['ada', 'lin', 'Zoé']);
    expect(completions(people, 'zoe\u0301').map(({ id }) => id)).toEqual(['4']);
    expect(completions(people, 'x')).toEqual([]);
  });

  it('offers who spoke last first among equals', () => {
    const recent = ['3', '2'];
    expect(completions(people, '', { recent }).map(({ id }) => id)).toEqual(['3', '2', '1', '4']);
    expect(completions(people, '', { max: 2 })).toHaveLength(2);
  });

  it('is completed with a space, and what stands behind it stays', () => {
    const begun = { start: 3, query: 'ad' };
    expect(completed('hi @ad, how', begun, 'ada')).toEqual({ text: 'hi @ada , how', caret: 8 });
    expect(completed('hi @ad you', begun, 'ada')).toEqual({ text: 'hi @ada you', caret: 8 });
  });
});

describe('the switcher', () => {
  const target = (name: string, within: string, counts = {}) => ({
    ...{ key: name + within, name, within, unread: 0, mentions: 0, ...counts },
  });
  const targets = [
    target('general', 'Tea'),
    target('seedlings', 'Garden', { unread: 3 }),
    target('general', 'Garden', { unread: 1, mentions: 1 }),
    target('off-topic', 'Garden'),
  ];

  it('finds by every word, in the name or where it is', () => {
    expect(matching(targets, 'gen gar').map(({ key }) => key)).toEqual(['generalGarden']);
    expect(matching(targets, 'topic').map(({ name }) => name)).toEqual(['off-topic']);
    expect(matching(targets, 'nothing')).toEqual([]);
  });

  it('puts what is unread first, without a word and among equals', () => {
    expect(matching(targets, '').map(({ key }) => key)).toEqual([
      ...['generalGarden', 'seedlingsGarden', 'generalTea', 'off-topicGarden'],
    ]);
    expect(matching(targets, 'general')[0]?.within).toBe('Garden');
  });
});

describe('a message that is known by its id alone', () => {
  const start = Date.UTC(2026, 0, 1);
  const count = 5_000;
  let chance = 1;
  const random = () => {
    chance = (chance * 48_271) % 2_147_483_647;
    return chance / 2_147_483_647;
  };
  const all = Array.from({ length: count }, (_, index): Message => {
    const at = start + index * 60_000;
    return { id: uuid7(at - 300, random), s: 'c/s', m: index + 1, n: index + 1, at, by: 'ada' };
  });
  let asked = 0;
  const page = async (limit: number, around: number): Promise<History> => {
    asked += 1;
    const from = Math.max(0, around - 1 - Math.floor(limit / 2));
    return {
      messages: all.slice(from, from + limit),
      users: [],
      more: { before: true, after: true },
    };
  };

  it.each([1, 2, 777, 2_500, 4_999, 5_000])('is found: number %d', async (m) => {
    asked = 0;
    expect((await messageNear(all[m - 1]?.id ?? '', count, page))?.m).toBe(m);
    expect(asked).toBeLessThan(12);
  });

  it('is not found where its time is wrong', async () => {
    expect(await messageNear(uuid7(start + 999, random), count, page)).toBeUndefined();
  });
});
