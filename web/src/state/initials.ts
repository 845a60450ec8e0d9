import { graphemesOf } from '../../../src/text/graphemes.ts';

const letter = /^(?!\p{Default_Ignorable_Code_Point})[\p{L}\p{N}]/u;
const symbol = /^\p{S}/u;

/** A letter may carry any number of marks, an emoji sequence has at most ten code points. */
const lettersMax = 3;
const emojiMax = 10;

const firstOf = (text: string, form: RegExp): string | undefined =>
  graphemesOf(text).find((grapheme) => form.test(grapheme));

const cut = (grapheme: string, max: number): string =>
  [...grapheme.normalize('NFC')].slice(0, max).join('');

/** In upper case, where `ß` is two letters and `ﬃ` three: the first of them. */
const upper = (grapheme: string): string => firstOf(grapheme.toUpperCase(), letter) ?? grapheme;

/**
 * One or two whole characters, as a reader sees them, that stand for a person or a circle: the first letters of the
 * first and the last word; where there is no letter, the first symbol or emoji; else `?`.
 */
export const initialsOf = (name: string): string => {
  const letters = name.split(/[\s._-]+/).flatMap((word) => firstOf(word, letter) ?? []);
  const ends = letters.length > 1 ? [letters[0] ?? '', letters.at(-1) ?? ''] : letters;
  const initials = ends.map((each) => cut(upper(each), lettersMax)).join('');
  return initials || cut(firstOf(name, symbol) ?? '?', emojiMax);
};

/** How many colours stand behind initials: `.tint-0` and on. */
export const coloursMax = 10;

/** The same colour for the same id, always. */
export const colourOf = (id: string): number => {
  let sum = 0;
  for (const sign of id) sum = (sum * 31 + (sign.codePointAt(0) ?? 0)) % 1_000_003;
  return sum % coloursMax;
};
