import fc from 'fast-check';
import { expect, test } from 'vitest';
import { qualified, reactionForm } from '../../../src/text/emoji.ts';

const rgi = '^\\p{RGI_Emoji}$';
const parameters = { seed: 20_261_129, numRuns: 2000 } as const;

test.for([
  ['👍\uFE0F', '👍'],
  ['☕\uFE0F', '☕'],
  ['❤', '❤\uFE0F'],
  ['❤\u200D🔥', '❤\uFE0F\u200D🔥'],
  ['1\u20E3', '1\uFE0F\u20E3'],
  ['#\uFE0F\u20E3', '#\uFE0F\u20E3'],
  ['©', '©\uFE0F'],
  ['👁\u200D🗨', '👁\uFE0F\u200D🗨\uFE0F'],
  ['🏳\u200D🌈', '🏳\uFE0F\u200D🌈'],
  // A skin tone says that it is a picture.
  ['☝\uFE0F🏽', '☝🏽'],
  ['👩🏽‍❤️‍👨🏿', '👩🏽‍❤️‍👨🏿'],
  ['🇨🇭', '🇨🇭'],
  ['🏴󠁧󠁢󠁥󠁮󠁧󠁿', '🏴󠁧󠁢󠁥󠁮󠁧󠁿'],
] as const)('%s is kept as %s', ([text, emoji]) => {
  expect(qualified(text)).toBe(emoji);
});

test.for([
  ...['', 'a', 'a\uFE0F', '1', '1\uFE0F', '#\uFE0F', '\uFE0F', ' \uFE0F', '.\uFE0F', '👍 ', '👍👍'],
  ...[
    '\uFE0F👍',
    '👍\uFE0F\uFE0F',
    '❤\uFE0E',
    '🇨',
    '🏴\u{E0067}',
    '👍\u0301',
    '\ud83d',
    '🔥\u200D❤️',
  ],
])('%j is no emoji', (text) => {
  expect(qualified(text)).toBeUndefined();
  expect(reactionForm(text)).toBe(text);
});

/** All emoji of one code point and their skin tones, what is joined of two, keycaps and flags. */
const allEmoji = (): string[] => {
  const isRecommended = new RegExp(rgi, 'v');
  const letters = Array.from({ length: 26 }, (_, at) => String.fromCodePoint(0x1f1e6 + at));
  const single = Array.from({ length: 0x1fb00 }, (_, code) => String.fromCodePoint(code))
    .filter((sign) => /\p{Emoji}/u.test(sign))
    .flatMap((sign) => [sign, `${sign}\uFE0F`, `${sign}🏽`, `${sign}\uFE0F\u20E3`]);
  const parts = single.filter((each) => isRecommended.test(each));
  const second = ['♂️', '♀️', '🔥', '🩹', '🌈', '⚧️', '☠️', '💻', '⚖️', '🗨️', '💫', '❄️', '🧑', '⬛'];
  return [
    ...single,
    ...letters.flatMap((a) => letters.map((b) => a + b)),
    ...parts.flatMap((a) => second.map((b) => `${a}\u200D${b}`)),
    ...['👨‍👩‍👧‍👦', '👩🏽‍❤️‍👨🏿', '👨🏻‍❤️‍💋‍👨🏼', '🏴󠁧󠁢󠁳󠁣󠁴󠁿'],
  ].filter((each) => isRecommended.test(each));
};
const known = allEmoji();

test(`every emoji has one form, whichever of its U+FE0F are there (seed ${parameters.seed})`, () => {
  expect(known.length).toBeGreaterThan(2000);
  expect(known.filter((emoji) => qualified(emoji) !== emoji)).toEqual([]);
  const law = fc.property(
    fc.constantFrom(...known),
    fc.infiniteStream(fc.boolean()),
    (emoji, keeps) => {
      const some = emoji.replace(/\uFE0F/g, (sign) => (keeps.next().value ? sign : ''));
      expect(qualified(some)).toBe(emoji);
    },
  );
  fc.assert(law, parameters);
});

test(`the form of a form is itself, whatever the text (seed ${parameters.seed})`, () => {
  const part = fc.constantFrom('👍', '❤', '\uFE0F', '\u200D', '🏽', '1', '\u20E3', '🇨', 'a', '🔥');
  const text = fc.oneof(fc.string({ unit: part, maxLength: 5 }), fc.string({ unit: 'binary' }));
  const law = fc.property(text, (each) => {
    const emoji = qualified(each);
    if (emoji !== undefined) expect(qualified(emoji)).toBe(emoji);
    expect(reactionForm(reactionForm(each))).toBe(reactionForm(each));
  });
  fc.assert(law, parameters);
});

test('a browser that does not know the flag v loads the module and finds what is likely an emoji', async () => {
  const { RegExp: original } = globalThis;
  const older = (source: string, flags?: string) => {
    if (flags?.includes('v')) throw new SyntaxError('invalid flags');
    return new original(source, flags);
  };
  globalThis.RegExp = older as unknown as RegExpConstructor;
  try {
    const path = '../../../src/text/emoji.ts?older';
    const { qualified: likely } = await import(/* @vite-ignore */ path);
    // Only the other browsers know that there is none.
    expect(likely('🔥\u200D❤️')).toBe('🔥\u200D❤️');
    for (const emoji of known) expect(likely(emoji.replaceAll('\uFE0F', ''))).toBe(emoji);
    for (const text of ['', 'a', '1', '\uFE0F', 'a\uFE0F', '👍 ', '1\uFE0F']) {
      expect(likely(text), text).toBeUndefined();
    }
  } finally {
    globalThis.RegExp = original;
  }
});
