import type Type from 'typebox';
import { expect, test } from 'vitest';
import * as field from '../../../src/app/fields.ts';
import { check } from '../../../src/app/validation.ts';
import { numbered } from '../../support/generators/chatter.ts';

const fitting = (schema: Type.TSchema) => {
  const { violation } = check(field.closed({ x: schema }));
  return (x: unknown): boolean => violation({ x }) === undefined;
};

const texts = {
  Password: [field.Password, 8, 256],
  DisplayName: [field.DisplayName, 1, 100],
  CircleName: [field.CircleName, 2, 100],
  Nickname: [field.Nickname, 1, 100],
  Question: [field.Question, 0, 100],
  StreamName: [field.StreamName, 1, 100],
  Topic: [field.Topic, 0, 1024],
  About: [field.About, 0, 1024],
  MessageText: [field.MessageText(4000), 1, 4000],
  'a longer MessageText': [field.MessageText(16_000), 1, 16_000],
  InviteCode: [field.InviteCode, 1, 128],
} as const;

/** Letters that are one code point each, and as many code units and bytes as may be. */
const letters = { a: 'a', é: 'é', 的: '的', '😀': '\u{1F600}' };

test.for(Object.entries(texts))(
  '%s is counted in code points, from its least to its most',
  ([, [schema, min, max]]) => {
    const fits = fitting(schema);
    for (const letter of Object.values(letters)) {
      expect(fits(letter.repeat(max))).toBe(true);
      expect(fits(letter.repeat(max + 1))).toBe(false);
      expect(fits(letter.repeat(min))).toBe(true);
      if (min > 0) expect(fits(letter.repeat(min - 1))).toBe(false);
    }
  },
);

test('letters that look like one are counted by their code points', () => {
  const fits = fitting(field.CircleName);
  expect(fits('e\u0301'.repeat(50))).toBe(true);
  expect(fits('e\u0301'.repeat(51))).toBe(false);
  expect(fits(`a${'\u0301'.repeat(100)}`)).toBe(false);
  expect(fits('👨‍👩‍👧‍👦'.repeat(15))).toBe(false);
});

test('a text is well-formed Unicode without U+0000 [H6]', () => {
  for (const [schema] of Object.values(texts)) {
    const fits = fitting(schema);
    expect(fits('a rather fine text')).toBe(true);
    for (const bad of ['\ud800', '\udc00', '\ude00\ud83d', '\u0000']) {
      expect(fits(`a rather ${bad} text`)).toBe(false);
    }
  }
});

const emojis = {
  fitting: [
    ...['👍', '❤️', '🐙', '👍🏽', '🇨🇭', '#️⃣', '1️⃣', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', '👨‍👩‍👧‍👦', '🏳️‍🌈', '⌚'],
    // With and without U+FE0F.
    ...['❤', '👍\uFE0F', '1\u20E3', '❤\u200D🔥', '👩🏽‍❤️‍👨🏿'],
  ],
  unfitting: [
    ...[
      '',
      'a',
      '1',
      '.\uFE0F',
      'a\uFE0F',
      '1\uFE0F',
      '👍👍',
      '👍\u0301',
      '👍 ',
      ' 👍',
      'a👍',
      '🇨🇭🇨🇭',
      '\n\uFE0F',
      ':+1:',
    ],
    ...['\ud83d', '👍\u0000', '\ud83d\uFE0F', `${'👍'}${'\u200D👍'.repeat(5)}`],
    // 35 bytes in its qualified form, 29 in this one.
    '👩🏽\u200D❤\u200D💋\u200D👨🏿',
  ],
};

test('an emoji is one that is recommended, of at most 32 bytes, with or without U+FE0F [H6]', () => {
  const fits = fitting(field.Emoji);
  expect(emojis.fitting.filter((emoji) => !fits(emoji))).toEqual([]);
  expect(emojis.unfitting.filter(fits)).toEqual([]);
  for (const other of [1, null, ['👍']]) expect(fits(other)).toBe(false);
});

test('an emoji that is taken back need not be one: earlier versions kept others [H6]', () => {
  const fits = fitting(field.GivenEmoji);
  for (const old of ['a\uFE0F', '👍\uFE0F', '.\uFE0F']) expect(fits(old)).toBe(true);
  expect(fits('x'.repeat(33))).toBe(false);
});

const names = {
  DisplayName: field.DisplayName,
  CircleName: field.CircleName,
  Nickname: field.Nickname,
  StreamName: field.StreamName,
};
const blanks = [' ', '\t', '\n\n', '\u00a0', '\u2003\u3000', '\u2028\ufeff', '\u200b', '\u2800'];

test('names and messages can be seen; topics and passwords need not [H6]', () => {
  for (const schema of [...Object.values(names), field.MessageText(10)]) {
    for (const blank of blanks) expect(fitting(schema)(blank.repeat(2))).toBe(false);
    expect(fitting(schema)(' a ')).toBe(true);
  }
  expect(fitting(field.MessageText(10))('\u202ea\u200b\n')).toBe(true);
  expect(fitting(field.Topic)('  ')).toBe(true);
  expect(fitting(field.Password)(' '.repeat(8))).toBe(true);
});

test.for(Object.entries(names))('%s says what is wrong with a name [H6]', ([, name]) => {
  const { violation } = check(field.closed({ name }));
  const wrong = {
    'well-formed': 'ada\ud800',
    'a visible character': '\u200b\u200b',
    'one line': 'ada\nlove',
    direction: 'ada\u202e',
    invisible: 'ad\u200ba',
  };
  for (const [word, text] of Object.entries(wrong)) {
    expect(violation({ name: text }), word).toMatchObject({
      message: expect.stringContaining(word),
    });
  }
  expect(violation({ name: 'عبد الله 👨‍👩‍👧' })).toBeUndefined();
});

test('a password is as long as its NFC [H6]', () => {
  const fits = fitting(field.Password);
  expect(fits('é'.normalize('NFD').repeat(4))).toBe(false);
  expect(fits('é'.normalize('NFD').repeat(256))).toBe(true);
  expect(fits('é'.normalize('NFD').repeat(257))).toBe(false);
  // U+0958 is two code points in NFC.
  expect(fits('\u0958'.repeat(4))).toBe(true);
  expect(fits('\u0958'.repeat(129))).toBe(false);
});

test('usernames are letters, marks, digits and _ . -, in any script', () => {
  const fits = fitting(field.Username);
  for (const good of [
    'ab',
    'a_b',
    'a.b-c',
    '42',
    'Ünïcödé',
    '用户',
    'ａｄａ',
    'नमस्ते',
    '..',
    '--',
  ]) {
    expect(fits(good), good).toBe(true);
  }
  const bad = [
    'a b',
    'a@b',
    'a/b',
    'a\tb',
    'a\u200bb',
    '😀😀',
    'a\u0000b',
    'a\ud800',
    'a,b',
    "a'b",
    'a#b',
  ];
  for (const each of bad) expect(fits(each), each).toBe(false);
});

test('usernames are in one script and hold nothing that cannot be seen; the message says what is wrong [H6]', () => {
  const { violation } = check(field.closed({ username: field.Username }));
  const wrong: Record<string, readonly string[]> = {
    script: ['\u0430dmin', 'adm\u0456n', '\u0391lpha'],
    invisible: [
      'ad\u034fmin',
      'admin\ufe0f',
      'ad\u200dmin',
      '\u3164\u3164',
      'a\u115fb',
      'a\u{e0100}b',
    ],
    digits: ['1\u0966', '\u0660\u06f1'],
    accent: ['\u0301ada', 'ada\u0300\u0300', 'a\u0301\u0302\u0303\u0304\u0306b'],
    letters: ['a b', 'a@b', 'ada\u00b7'],
  };
  for (const [word, names] of Object.entries(wrong)) {
    for (const username of names) {
      expect(violation({ username }), username).toMatchObject({
        ...{ field: 'username', message: expect.stringContaining(word) },
      });
    }
  }
  for (const username of ['ada日本', '한국kim', 'Ольга', 'tiếng_việt']) {
    expect(violation({ username }), username).toBeUndefined();
  }
});

test('usernames have 2 to 32 characters, as they come and as they are folded', () => {
  const fits = fitting(field.Username);
  expect([fits('a'), fits('ab'), fits('a'.repeat(32)), fits('a'.repeat(33))]).toEqual([
    false,
    true,
    true,
    false,
  ]);
  expect([fits('ﬁ'.repeat(16)), fits('ﬁ'.repeat(17))]).toEqual([true, false]);
  expect(fits('e\u0301')).toBe(false);
  expect(fits('½½')).toBe(false);
});

test('ids are lower-case UUIDs, of version 7 for what is created [H2]', () => {
  const [any, seven] = [fitting(field.Uuid), fitting(field.Uuid7)];
  const four = '3f2504e0-4f89-41d3-9a0c-0305e82c3301';
  expect([any(numbered(1)), seven(numbered(1)), any(four), seven(four)]).toEqual([
    true,
    true,
    true,
    false,
  ]);
  const high = 'abcdefab-cdef-7abc-8def-abcdefabcdef';
  expect(any(high)).toBe(true);
  for (const bad of [
    ...[high.toUpperCase(), `${high} `, ` ${high}`, `${high}\n`, high.slice(1), `{${high}}`, ''],
    ...[high.replaceAll('-', ''), high.replace('a', 'g'), 1, null, [high]],
  ]) {
    expect([any(bad), seven(bad)], String(bad)).toEqual([false, false]);
  }
  expect(seven('abcdefab-cdef-7abc-0def-abcdefabcdef')).toBe(false);
  expect(seven('ffffffff-ffff-7fff-bfff-ffffffffffff')).toBe(true);
});

test('an event stream is named me, <circle> or <circle>/<stream>; a stream only the last', () => {
  const [stream, any] = [fitting(field.StreamPath), fitting(field.EventStreamName)];
  const [one, two] = [numbered(1), `${numbered(1)}/${numbered(2)}`];
  expect([stream('me'), stream(one), stream(two)]).toEqual([false, false, true]);
  expect([any('me'), any(one), any(two)]).toEqual([true, true, true]);
  for (const bad of [
    `${two}/`,
    `/${two}`,
    `${one}/`,
    `${one}//${one.slice(1)}`,
    `${one}.${one}`,
    'Me',
    '',
  ]) {
    expect([stream(bad), any(bad)], bad).toEqual([false, false]);
  }
});

test('no field takes a number that is not finite', () => {
  const read = (text: string): unknown => JSON.parse(text);
  const numbers = { Count: field.Count, Limit: field.Limit, MemberData: field.MemberData };
  for (const [name, schema] of Object.entries(numbers)) {
    const fits = fitting(schema);
    for (const bad of ['1e400', '-1e400', '1e999999']) expect(fits(read(bad)), name).toBe(false);
    expect(fits(read('1e2')), name).toBe(true);
  }
  const fits = fitting(field.MemberData);
  for (const bad of ['[1e400]', '{"a":{"b":[0,-1e400]}}']) expect(fits(read(bad))).toBe(false);
  // What rounding makes of a number is a number: the nearest there is.
  for (const good of [
    '-0',
    '1e-400',
    '1.7976931348623157e308',
    '{"a":-0.0}',
    '12345678901234567890',
  ]) {
    expect(fits(read(good)), good).toBe(true);
  }
});

test("a member's data is any JSON of 4,096 bytes at most, its texts well-formed [H6]", () => {
  const fits = fitting(field.MemberData);
  for (const good of [null, 0, '', false, [], { a: { b: [null] } }, 'é'.repeat(2047)]) {
    expect(fits(good)).toBe(true);
  }
  for (const bad of [`${'é'.repeat(2047)}a`, ['é'.repeat(2047)], { '\ud800': 1 }, [['\u0000']]]) {
    expect(fits(bad)).toBe(false);
  }
});

test('counts and limits are integers within bounds', () => {
  const [count, limit] = [fitting(field.Count), fitting(field.Limit)];
  expect([0, 1, Number.MAX_SAFE_INTEGER].map(count)).toEqual([true, true, true]);
  expect([-1, 0.5, 2 ** 53, '1', null].map(count)).toEqual([false, false, false, false, false]);
  expect([0, 1, 200, 201].map(limit)).toEqual([false, true, true, false]);
});

test('credentials that could never have been chosen are merely wrong, so they fit', () => {
  const [name, password] = [fitting(field.GivenUsername), fitting(field.GivenPassword)];
  expect([name(''), name('a b'), name('x'.repeat(256)), name('x'.repeat(257))]).toEqual([
    true,
    true,
    true,
    false,
  ]);
  expect([password(''), password('x'.repeat(1024)), password('x'.repeat(1025))]).toEqual([
    true,
    true,
    false,
  ]);
});
