import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blocksOf, type Inline, inlinesOf, isEmojiOnly } from '../../../web/src/state/rich-text.ts';

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

  it('shows a few emoji large, and digits not', () => {
    expect(isEmojiOnly('🌱')).toBe(true);
    expect(isEmojiOnly('❤️ 👩‍👩‍👧')).toBe(true);
    expect(isEmojiOnly('🌱 hi')).toBe(false);
    expect(isEmojiOnly('42')).toBe(false);
    expect(isEmojiOnly('')).toBe(false);
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
