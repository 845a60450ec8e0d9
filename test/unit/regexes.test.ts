import { visitRegExpAST } from '@eslint-community/regexpp';
import { checkSync } from 'recheck';
import { describe, expect, it } from 'vitest';
import { type FoundRegex, regexesBelow, regexesIn } from '../support/checkers/regexes.ts';
import { StepCounter, treeOf } from '../support/checkers/step-counter.ts';
import { attacksOn, boundMin, repeats } from '../support/generators/attacks.ts';

/**
 * Work on a text must grow with its length alone, whatever the text. A prover shows that of every regular expression
 * whose forms it knows, for one search; counted steps show it of all, for a search of all matches, by generated texts.
 */
const lengthMin = 128;
/** Steps for each character of a text; work that grows with the square of the length takes 64 and more. */
const stepsMax = 40;

/** The first generated text that takes more steps than its length allows; undefined: none does. */
const costlyText = (source: string, flags: string): string | undefined => {
  const counter = new StepCounter(source, flags);
  for (const text of attacksOn(source, flags, lengthMin)) {
    try {
      counter.run(text, stepsMax * text.length);
    } catch (error) {
      if (error instanceof RangeError) return text;
      throw error;
    }
  }
  return undefined;
};

/** The same without upper bounds: to a prover any bound is a constant, and so are the 2^40 tries of 40 repetitions. */
const unbounded = (source: string, flags: string): string => {
  const bounds: { start: number; end: number; text: string }[] = [];
  visitRegExpAST(treeOf(source, flags), {
    onQuantifierEnter: ({ element, end, min, max }) => {
      if (Number.isFinite(max) && max - min >= boundMin)
        bounds.push({ start: element.end, end, text: `{${min},}` });
    },
  });
  return bounds
    .sort((a, b) => b.start - a.start)
    .reduce(
      (text, bound) => text.slice(0, bound.start) + bound.text + text.slice(bound.end),
      source,
    );
};

/** What the prover finds wrong; undefined if it finds nothing, or meets a form that it does not know. */
const disproved = (source: string, flags: string): string | undefined => {
  const result = checkSync(unbounded(source, flags), flags, {
    checker: 'automaton',
    timeout: null,
  });
  if (result.status === 'safe') return undefined;
  if (result.status === 'vulnerable') return result.complexity.summary;
  return result.error.kind === 'unsupported' ? undefined : result.error.kind;
};

const { found: written, dynamic } = regexesBelow(['src', 'web/src']);

/** What files put together of their own constants, each shown by one of its kind. */
const built: readonly FoundRegex[] = [
  {
    place: 'src/actors/name/script.ts',
    source: '^[\\p{scx=Common}\\p{scx=Inherited}\\p{scx=Latin}\\p{scx=Han}]*$',
    flags: 'u',
  },
  { place: 'src/text/emoji.ts', source: '^\\p{RGI_Emoji}$', flags: 'v' },
  {
    place: 'src/text/visible.ts',
    source:
      '(?=[\\p{L}\\p{M}])(?:[\\p{scx=Arab}\\p{scx=Deva}][\\u200C\\u200D]|\\p{Script=Han}[\\uFE00-\\uFE02])',
    flags: 'gu',
  },
];

const found = [...written, ...built];
const repeating = found.filter(({ source, flags }) => repeats(source, flags));

it('every regular expression is written down; none is put together of what is not known here', () => {
  expect(found.length).toBeGreaterThan(60);
  expect(repeating.length).toBeGreaterThan(30);
  const places = dynamic.map((place) => place.split(':')[0]);
  expect(places.toSorted()).toEqual(built.map(({ place }) => place).toSorted());
});

describe('a text of any length takes work in proportion to its length by', () => {
  for (const { source, flags, place } of repeating) {
    it(`/${source}/${flags} in ${place}`, () => {
      expect(costlyText(source, flags)).toBeUndefined();
      expect(disproved(source, flags)).toBeUndefined();
    });
  }
});

describe('these checks', () => {
  it.each([
    [/^(?:\p{Emoji_Presentation}|\p{Emoji}\uFE0F|\u200D|\p{Emoji_Modifier}|\s){1,40}$/u],
    [/^(a+)+$/],
    [/^(a|a)*b/],
    [/^(\w+\s?)*:/],
    [/a*a*b/],
    [/\s+$/],
    [/"[^']*'/],
  ])('find by both ways what is wrong with %s', ({ source, flags }) => {
    expect(costlyText(source, flags)).toBeDefined();
    expect(disproved(source, flags)).toBeDefined();
  });

  it.each([[/a(?:.*b)?/g], [/a(?=.*b)/g], [/^\p{P}+(?=.)|(?<=.)\p{P}+$/gu]])(
    'find by counting what a prover does not see in %s',
    ({ source, flags }) => {
      expect(costlyText(source, flags)).toBeDefined();
    },
  );

  it.each([[/^a+b+$/], [/`[^`]*`/g], [/^.*[^.-]/su], [/(?<![a-z])@[a-z]+/g], [/^\d{1,15}$/]])(
    'find nothing wrong with %s',
    ({ source, flags }) => {
      expect(repeats(source, flags)).toBe(true);
      expect(costlyText(source, flags)).toBeUndefined();
      expect(disproved(source, flags)).toBeUndefined();
    },
  );

  it('count the steps of an engine that finds what this one finds', () => {
    const extra = [/(?:ab?)*?c/g, /a{2,3}?/g, /\bx+\b/g, /^a|b$/gm, /(?=a)\w|(?<!b)-/gi].map(
      ({ source, flags }) => ({ source, flags }),
    );
    for (const { source, flags } of [...repeating, ...extra]) {
      const counter = new StepCounter(source, flags);
      const regex = new RegExp(source, [...new Set([...flags, 'g'])].join(''));
      for (const text of attacksOn(source, flags, 7)) {
        const matches = [...text.matchAll(regex)].map(([match]) => match);
        expect(counter.run(text, 1_000_000).matches, `${regex} in ${text}`).toEqual(matches);
      }
    }
  });

  it('see literals, the patterns of schemas, and what is put together', () => {
    const text = [
      "const a = /b+/gu.test('c');",
      "const schema = { pattern: '^d$', other: 'e' };",
      'new RegExp(a);',
      "const f = <p class={RegExp('g')}>{/h/}</p>;",
      "'i'.match('j');",
      '// /k/ and new RegExp(l)',
    ].join('\n');
    const { found, dynamic } = regexesIn('x.tsx', text);
    expect(found.map(({ place, source, flags }) => [place, source, flags])).toEqual([
      ['x.tsx:1', 'b+', 'gu'],
      ['x.tsx:2', '^d$', 'u'],
      ['x.tsx:4', 'h', ''],
    ]);
    expect(dynamic).toEqual(['x.tsx:3', 'x.tsx:4', 'x.tsx:5']);
  });
});
