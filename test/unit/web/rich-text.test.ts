import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Block,
  blocksOf,
  type Inline,
  inlinesOf,
  isEmojiOnly,
  partsMax,
} from '../../../web/src/state/rich-text.ts';
import { regexesIn } from '../../support/regexes.ts';
import { StepCounter } from '../../support/step-counter.ts';

const root = resolve(import.meta.dirname, '../../..');

const text = (value: string): Inline => ({ is: 'text', text: value });
const link = (href: string): Inline => ({ is: 'link', text: href, href });

describe('the text of a message', () => {
  it.each([
    ['see https://a.example/x?y=1.', [text('see '), link('https://a.example/x?y=1'), text('.')]],
    ['(https://a.example/b_(c))', [text('('), link('https://a.example/b_(c)'), text(')')]],
    ['http://a.example', [link('http://a.example')]],
    ['javascript:alert(1)', [text('javascript:alert(1)')]],
    ['https://', [text('https://')]],
    ['https://[', [text('https://[')]],
    ['<b>x</b>', [text('<b>x</b>')]],
  ])('%s: only what leads to the web is a link', (typed, parts) => {
    expect(inlinesOf(typed)).toEqual(parts);
  });

  it.each<[string, Inline[]]>([
    ['a **b** c', [text('a '), { is: 'bold', text: 'b' }, text(' c')]],
    ['*b* _c_', [{ is: 'italic', text: 'b' }, text(' '), { is: 'italic', text: 'c' }]],
    ['snake_case_name and 2*3*4', [text('snake_case_name and 2*3*4')]],
    ['`**not bold** @ada`', [{ is: 'code', text: '**not bold** @ada' }]],
    ['an open `tick and **star', [text('an open `tick and **star')]],
  ])('%s: emphasis and code', (typed, parts) => {
    expect(inlinesOf(typed)).toEqual(parts);
  });

  it('finds names where the server looks for mentions [H5]', () => {
    const names = (typed: string) =>
      inlinesOf(typed).flatMap((part) => (part.is === 'mention' ? [part.name] : []));
    expect(names('@ada, (@ben) mail@example.org _@c x@d @é.f-')).toEqual(['ada', 'ben', 'é.f-']);
  });

  it('keeps fenced code as it is, without the name of its language', () => {
    expect(blocksOf('see\n```ts\nlet **x** = 1;\n\n```\ndone')).toEqual([
      { is: 'lines', inlines: [text('see')] },
      { is: 'code', text: 'let **x** = 1;\n' },
      { is: 'lines', inlines: [text('done')] },
    ]);
    expect(blocksOf('```\nnever closed')).toEqual([
      { is: 'lines', inlines: [text('```\nnever closed')] },
    ]);
  });

  it('tells quoted lines from others', () => {
    expect(blocksOf('> one\n> two\nthree').map(({ is }) => is)).toEqual(['quote', 'lines']);
  });

  it('loses nothing that was typed but the marks', () => {
    const piece = fc.constantFrom(
      'a',
      ' ',
      '*',
      '**',
      '_',
      '`',
      '@ada',
      'https://x.y/',
      '(',
      '.',
      '\n',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const typed = pieces.join('');
        const shown = inlinesOf(typed)
          .map((part) => part.text)
          .join('');
        expect(shown.replace(/[*_`]/g, '')).toBe(typed.replace(/[*_`]/g, ''));
      }),
      { seed: 20_261_125, numRuns: 500 },
    );
  });
});

describe('a text of nothing but emoji', () => {
  it('shows a few emoji large, and digits not', () => {
    expect(isEmojiOnly('🌱')).toBe(true);
    expect(isEmojiOnly('❤️ 👩‍👩‍👧')).toBe(true);
    expect(isEmojiOnly('🌱 hi')).toBe(false);
    expect(isEmojiOnly('🇳🇴 4️⃣ ☝🏽')).toBe(true);
    expect(isEmojiOnly('🌱'.repeat(6))).toBe(true);
    expect(isEmojiOnly('🌱'.repeat(7))).toBe(false);
    expect(isEmojiOnly('42')).toBe(false);
    expect(isEmojiOnly('a\ufe0f')).toBe(false);
    expect(isEmojiOnly(' \u200d')).toBe(false);
    expect(isEmojiOnly(`${'🏽'.repeat(40)}x`)).toBe(false);
    expect(isEmojiOnly('👍'.repeat(8_000))).toBe(false);
    expect(isEmojiOnly('')).toBe(false);
  });
});

/** The longest that a server may allow, in code points. */
const lengthMax = 16_000;

const marks = [
  '*',
  '**',
  '_',
  '`',
  '```',
  '\n',
  '> ',
  '@a',
  '@.',
  'https://',
  '(',
  ')',
  '[',
  '.',
  'a',
  ' ',
  '🏽',
];

/** Texts of this length: two marks again and again, with others before and behind them. */
const hostile = (length: number): string[] =>
  marks.flatMap((one) =>
    [one, ...marks, `${one}a`].flatMap((other) => {
      const again = [...(one + other).repeat(length)].slice(0, length - 8).join('');
      return [again, `\`\`\`\n${again}`, `a${again}\nx`];
    }),
  );

const textsOf = (blocks: readonly Block[]): string =>
  blocks
    .flatMap((block) =>
      block.is === 'code' ? [block.text] : block.inlines.map(({ text }) => text),
    )
    .join('');

const lettersOf = (text: string): string => text.replaceAll(/[^\p{L}\p{Emoji_Modifier}]/gu, '');

describe('a hostile text', () => {
  it('is drawn in a bounded number of parts, the rest as it was typed, and nothing of it is lost', () => {
    for (const text of hostile(lengthMax)) {
      const blocks = blocksOf(text);
      const parts = blocks.flatMap((block) => (block.is === 'code' ? [block] : block.inlines));
      // Between any two parts, and behind the last, there may be plain text.
      expect(parts.length, text.slice(0, 20)).toBeLessThanOrEqual(2 * partsMax + 2);
      expect(lettersOf(textsOf(blocks)) === lettersOf(text), text.slice(0, 20)).toBe(true);
    }
  });

  it('takes each form of the page a bounded number of steps for each character', () => {
    const path = 'web/src/state/rich-text.ts';
    const { found } = regexesIn(path, readFileSync(resolve(root, path), 'utf8'));
    const counters = found.map(({ source, flags }) => new StepCounter(source, flags));
    expect(counters.length).toBeGreaterThan(4);
    const texts = hostile(lengthMax).filter((_, index) => index % 9 === 0);
    for (const counter of counters)
      for (const text of texts) expect(() => counter.run(text, 40 * text.length)).not.toThrow();
  });

  it('keeps its marks behind the last part that is drawn apart', () => {
    const marked = (count: number): string => '*a* '.repeat(count);
    expect(inlinesOf(marked(partsMax + 2)).at(-1)).toEqual(text(` ${marked(2)}`));
    const quotes = '> a\nb\n'.repeat(partsMax);
    expect(textsOf(blocksOf(quotes))).toMatch(/> a\nb$/);
    const fences = '```\na\n```\n'.repeat(partsMax + 1);
    expect(textsOf(blocksOf(fences))).toMatch(/```\na\n```$/);
  });
});
