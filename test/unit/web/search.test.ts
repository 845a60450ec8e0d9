import { describe, expect, it } from 'vitest';
import { completed, completions, mentionAt } from '../../../web/src/state/completion.ts';
import { matching } from '../../../web/src/state/switcher.ts';

const people = [
  { id: '1', username: 'ada', name: 'Ada Lindqvist' },
  { id: '2', username: 'ben.okafor', name: 'Ben Okafor' },
  { id: '3', username: 'lin', name: 'Adam Lin' },
  { id: '4', username: 'Zoé', name: 'Zoé Adair' },
];

describe('a mention being typed', () => {
  it.each([
    ['hi @ad', 6, { start: 3, query: 'ad' }],
    ['@', 1, { start: 0, query: '' }],
    ['(@ben.o', 7, { start: 1, query: 'ben.o' }],
    ['mail@ad', 7, undefined],
    ['@ad da', 6, undefined],
    ['@ada and', 3, { start: 0, query: 'ad' }],
  ])('%s at %d', (text, caret, begun) => {
    expect(mentionAt(text, caret)).toEqual(begun);
  });

  it('offers usernames first, then names, then parts of names, in any case', () => {
    const names = completions(people, 'AD').map(({ username }) => username);
    expect(names).toEqual(['ada', 'lin', 'Zoé']);
    expect(completions(people, 'zoe\u0301').map(({ id }) => id)).toEqual(['4']);
    expect(completions(people, 'x')).toEqual([]);
  });

  it('offers recent authors first among equals', () => {
    const recent = ['3', '2'];
    expect(completions(people, '', { recent }).map(({ id }) => id)).toEqual(['3', '2', '1', '4']);
    expect(completions(people, '', { max: 2 })).toHaveLength(2);
  });

  it('is completed with a space, and keeps the text after it', () => {
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

  it('matches every word, in the name or its circle', () => {
    expect(matching(targets, 'gen gar').map(({ key }) => key)).toEqual(['generalGarden']);
    expect(matching(targets, 'topic').map(({ name }) => name)).toEqual(['off-topic']);
    expect(matching(targets, 'nothing')).toEqual([]);
  });

  it('lists unread targets first, without a query and among equals', () => {
    expect(matching(targets, '').map(({ key }) => key)).toEqual([
      ...['generalGarden', 'seedlingsGarden', 'generalTea', 'off-topicGarden'],
    ]);
    expect(matching(targets, 'general')[0]?.within).toBe('Garden');
  });
});
