import { describe, expect, it } from 'vitest';
import { parse } from '../../../../src/text/markup/parse.ts';
import { type Block, type Inline, partsMax } from '../../../../src/text/markup/tree.ts';
import { drawnAs } from '../../../support/checkers/drawn-markup.ts';
import { lost } from '../../../support/checkers/markup-oracle.ts';

const leaves = (inlines: readonly Inline[]): readonly Inline[] =>
  inlines.flatMap((inline) =>
    'inlines' in inline ? [inline, ...leaves(inline.inlines)] : [inline],
  );

const partsOf = (blocks: readonly Block[]): number =>
  blocks.reduce((sum, block) => {
    if (block.is === 'lines')
      return sum + leaves(block.inlines).filter(({ is }) => is !== 'text').length;
    if (block.is === 'quote') return sum + 1 + partsOf(block.blocks);
    if (block.is === 'code') return sum + 1;
    return block.items.reduce((all, { blocks }) => all + 1 + partsOf(blocks), sum);
  }, 0);

/** The longest that a server allows, in code points. */
const lengthMax = 16_000;

const again = (unit: string, length: number): string => unit.repeat(length).slice(0, length);

/** Units that are costly again and again: openers without an end, ends without an opener, and what nests. */
const units = [
  ...['*a', 'a*', '*a ', '*a*', '**a', '***a ', '_a ', 'a_ ', '~~a ', '*a ~~b ', '*a **b _c '],
  ...[
    '`',
    '`a',
    '``a`',
    '`` ',
    '[',
    ']',
    '[a](',
    '](https://x',
    '[a](https://x',
    '[a](https://x.y) ',
  ],
  ...[
    '> ',
    '> a\n',
    '>',
    '>\n',
    '- a\n',
    '- ',
    '- a\n\n',
    '1. a\n ',
    '  - a\n    - b\n',
    '```\n',
    '````\na\n',
  ],
  ...[
    '@',
    '@a',
    '@ab ',
    '@あ',
    '@.-',
    '\u0301@a',
    'https://',
    'http://[',
    'https://x.y ',
    'h',
    'https://(',
    '*\n',
    '_\n',
  ],
];

const texts = (length: number): string[] => [
  // What comes behind the last delimiter that is looked at.
  ...units.map((unit) => again('[', length / 2) + again(unit, length / 2)),
  ...units.map((unit) => again(unit, length)),
  ...units.map((unit) => `- > ${again(unit.replaceAll('\n', ' '), length - 4)}`),
  Array.from({ length: 180 }, (_, index) => '`'.repeat(index + 1))
    .join(' ')
    .slice(0, length),
  Array.from({ length: 180 }, (_, index) => '`'.repeat(180 - index))
    .join('\n')
    .slice(0, length),
];

/** The time of the processor that it takes to parse a text, in ms: the least of several. */
const costOf = (text: string): number =>
  Math.min(
    ...Array.from({ length: 3 }, () => {
      const start = process.cpuUsage();
      parse(text);
      const { user, system } = process.cpuUsage(start);
      return (user + system) / 1000;
    }),
  );

describe('a hostile text', () => {
  it('is drawn in a bounded number of parts, and nothing of it is lost', () => {
    for (const text of texts(lengthMax)) {
      const blocks = parse(text);
      expect(partsOf(blocks), text.slice(0, 20)).toBeLessThanOrEqual(partsMax);
      expect(lost(text, blocks), text.slice(0, 20)).toBeUndefined();
    }
  });

  it('takes a time that grows with its length', () => {
    const short = texts(lengthMax / 8);
    // Four times as long, so at most some four times the work; what takes no time is measured badly.
    const isCostly = (text: string, index: number): boolean =>
      costOf(text) > 10 * Math.max(2, costOf(short[index] ?? ''));
    const costly = texts(lengthMax / 2).filter((text, index) =>
      // Other work on the machine disturbs some measurements, and not all.
      Array.from({ length: 5 }).every(() => isCostly(text, index)),
    );
    expect(costly.map((text) => text.slice(0, 20))).toEqual([]);
  });

  it('keeps its marks behind the last part that is drawn apart', () => {
    const marked = (count: number): string => '*a* '.repeat(count);
    expect(drawnAs(parse(marked(partsMax)))).toMatch(/<i>a<\/i> (\*a\* )+$/);
    expect(drawnAs(parse('> a\nb\n'.repeat(partsMax + 1)))).toMatch(/> a\nb$/);
    expect(drawnAs(parse('```\na\n```\n'.repeat(partsMax + 1)))).toMatch(/```\na\n```$/);
  });
});
