import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mentionsIn } from '../../../../src/text/markup/mentions.ts';
import { parse } from '../../../../src/text/markup/parse.ts';
import { plainText } from '../../../../src/text/markup/plain-text.ts';
import { type Block, depthMax } from '../../../../src/text/markup/tree.ts';
import { drawnAs } from '../../../support/checkers/drawn-markup.ts';
import { lost } from '../../../support/checkers/markup-oracle.ts';

const docs = readFileSync(resolve(import.meta.dirname, '../../../../docs/messages.md'), 'utf8');

/** What stands between backticks in a cell of a table; there may be several. */
const codesIn = (cell: string): string[] =>
  [...cell.matchAll(/(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)/g)].map(([, ticks = '', code = '']) =>
    (ticks === '`' ? code : code.replace(/^ (.*) $/s, '$1')).replaceAll('⏎', '\n'),
  );

/** The rows of the table with this head, as what is typed and what comes of it. */
const examples = (head: string): [typed: string, results: string[]][] => {
  const [, table = ''] = docs.split(`| typed | ${head} |\n|---|---|\n`);
  const [rows = ''] = table.split('\n\n');
  return rows
    .trim()
    .split('\n')
    .map((row) => {
      const [, typed = '', result = ''] = /^\| (.+?) \| (.*)\|$/.exec(row) ?? [];
      return [codesIn(typed)[0] ?? '', codesIn(result)];
    });
};

describe('the examples of docs/messages.md', () => {
  const drawn = examples('rendered');
  const named = examples('may mention, best match first');

  it('are read from the page', () => {
    expect(drawn.length).toBeGreaterThan(30);
    expect(named.length).toBeGreaterThan(10);
  });

  it.each(drawn)('%j is drawn as %j', (typed, [expected]) => {
    expect(drawnAs(parse(typed))).toBe(expected);
    expect(lost(typed, parse(typed))).toBeUndefined();
  });

  it.each(named)('%j may mention %j [H5]', (typed, expected) => {
    const names = mentionsIn(parse(typed)).flatMap((each) => each.map(({ name }) => name));
    expect([...new Set(names)]).toEqual(expected);
  });
});

const meanings: [typed: string, drawn: string][] = [
  ['a *b', 'a *b'],
  ['**/*test* and src/**/*.ts', '**/*test* and src/**/*.ts'],
  ['[x](javascript:alert(1)) [y](/z)', '[x](javascript:alert(1)) [y](/z)'],
  ['*a\nb*', '*a\nb*'],
  ['**a***b*', '*<i>a***b</i>'],
  ['~a~ ~~~b~~~', '~a~ ~~~b~~~'],
  ['word*s* *s*word', 'word*s* *s*word'],
  ['a.*b and a.*b', 'a.*b and a.*b'],
  [
    'e\u0301*a* **https://x.example/**',
    'e\u0301*a* <b><a https://x.example/>https://x.example/</a></b>',
  ],
  ['cron */5 * * * * x', 'cron */5 * * * * x'],
  ['def f(*a): g(*a)*2', 'def f(*a): g(*a)*2'],
  ['>>> print(1)', '<quote><quote><quote>print(1)</quote></quote></quote>'],
  ['> a\nb', '<quote>a</quote>b'],
  ['- \n-', '- \n-'],
  ['1) a\n1. b\n- c\n* d', '<item 1)>a</item><item 1.>b</item><item ->c</item><item *>d</item>'],
  ['1986. a', '<item 1986.>a</item>'],
  ['- a\n\nb', '<item ->a</item>b'],
  ['- - a', '<item ->- a</item>'],
  ['- > a\n  > b', '<item -><quote>a\nb</quote></item>'],
  ['> - a\n>   b', '<quote><item ->a\nb</item></quote>'],
  ['- a\n  ```\n  b\n  ```', '<item ->a<pre>b</pre></item>'],
  ['\ufeff**a**', '\ufeff<b>a</b>'],
  ['a\tb  c', 'a\tb  c'],
  ['`` a` ``', '<code>a`</code>'],
  ['a ` ` b', 'a ` ` b'],
  [
    '[a [b](https://x.example) c](https://y.example)',
    '[a <a https://x.example/>b</a> c](<a https://y.example/>https://y.example</a>)',
  ],
  ['[a](https://x.example "b")', '[a](<a https://x.example/>https://x.example</a> "b")'],
  ['[https://a.example](https://a.example/b)', '<a https://a.example/b>https://a.example</a>'],
  ['[google．com](https://x.example)', '<a https://x.example/>google．com</a> (x.example)'],
  ['[a@x.example](https://x.example)', '<a https://x.example/>a@x.example</a> (x.example)'],
  [
    'xhttps://x.example 見てhttps://x.example',
    'xhttps://x.example 見て<a https://x.example/>https://x.example</a>',
  ],
  ['https://x.example—and', '<a https://x.example/>https://x.example</a>—and'],
  ['https:// https://. https://[', 'https:// https://. https://['],
  [
    '_https://x.example/_ https://x.example/~a',
    '<i><a https://x.example/>https://x.example/</a></i> <a https://x.example/~a>https://x.example/~a</a>',
  ],
];

describe('what a text means', () => {
  it.each(meanings)('%j is drawn as %j', (typed, expected) => {
    expect(drawnAs(parse(typed))).toBe(expected);
    expect(lost(typed, parse(typed))).toBeUndefined();
  });

  it.each([
    ['@bob_ _@bob_', [['bob_'], ['bob']]],
    ['e\u0301@bob', []],
    ['ไทย@bob ราคา', [['bob']]],
    ['@bob-さん', [['bob-さん', 'bob-', 'bob']]],
    ['@田中さん', [['田中さん', '田中']]],
    ['@a @ß', []],
    [`@${'a'.repeat(200)}`, []],
    [`@bob${'さ'.repeat(500)}`, [['bob']]],
    ['@bob/2 @bob/ @bob/@ada', [['bob'], ['bob'], ['bob'], ['ada']]],
    ['https://bank.example@evil.example/@bob', []],
  ])('%j may mention %j [H5]', (typed, expected) => {
    expect(mentionsIn(parse(typed)).map((each) => each.map(({ name }) => name))).toEqual(expected);
  });

  it('says how much of a mention each name takes', () => {
    const [block] = parse('@Bobさん');
    expect(block).toEqual({
      is: 'lines',
      inlines: [
        {
          ...{ is: 'mention', text: '@Bobさん', at: 0 },
          candidates: [
            { name: 'bobさん', length: 6 },
            { name: 'bob', length: 4 },
          ],
        },
      ],
    });
  });

  it('is text without marks where there is room for a line', () => {
    const typed = '> **a** [b](https://x.example)\n- c\n1. `d`\n```\ne\n```';
    expect(plainText(parse(typed))).toBe('a b\n- c\n1. d\ne');
  });
});

const signs = [
  ...[
    '*',
    '**',
    '***',
    '_',
    '__',
    '~~',
    '`',
    '``',
    '```',
    '\n',
    '> ',
    '>',
    '- ',
    '* ',
    '1. ',
    '2) ',
  ],
  ...[
    '@',
    '@ada',
    '@.',
    'https://',
    'https://x.y/',
    '[',
    ']',
    '](',
    '](https://x.y)',
    '(',
    ')',
    '[',
  ],
  ...[
    '.',
    ',',
    '"',
    '/',
    '\\',
    'a',
    'é',
    'あ',
    'ไ',
    '안',
    '。',
    '\u0301',
    ' ',
    '    ',
    '\t',
    '😀',
    '\ud800',
  ],
];

/** Texts that are mostly markup, or that try to be. */
const anyText = fc.oneof(
  fc.array(fc.constantFrom(...signs), { maxLength: 60 }).map((pieces) => pieces.join('')),
  fc.string({ unit: 'binary', maxLength: 60 }),
);

const depthOf = (blocks: readonly Block[]): number =>
  Math.max(
    0,
    ...blocks.map((block) => {
      if (block.is === 'quote') return 1 + depthOf(block.blocks);
      return block.is === 'list'
        ? 1 + Math.max(...block.items.map((item) => depthOf(item.blocks)))
        : 0;
    }),
  );

const seed = 20_261_129;

describe('of any text', () => {
  it('every character is drawn or marks what is drawn, in the order of the text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(lost(text, parse(text))).toBeUndefined();
      }),
      { seed, numRuns: 3000 },
    );
  });

  it('the tree is plain JSON, and no deeper than it may be', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const blocks = parse(text);
        expect(JSON.parse(JSON.stringify(blocks))).toEqual(blocks);
        expect(depthOf(blocks)).toBeLessThanOrEqual(depthMax);
      }),
      { seed, numRuns: 300 },
    );
  });

  it('what is shown in one line has all letters', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const typed = text.replaceAll(/\(https:\/\/\S*|```\w*/g, '');
        fc.pre(typed === text);
        const letters = (of: string): string => of.replaceAll(/[^\p{L}]/gu, '');
        expect(letters(plainText(parse(text)))).toBe(letters(text));
      }),
      { seed, numRuns: 500 },
    );
  });
});
