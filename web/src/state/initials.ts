import { graphemesOf } from '../../../src/text/graphemes.ts';

const letter = /^(?!\p{Default_Ignorable_Code_Point})[\p{L}\p{N}]/u;
const symbol = /^\p{S}/u;

/** A letter may have any number of marks, an emoji sequence at most ten code points. */
const lettersMax = 3;
const emojiMax = 10;

const firstOf = (text: string, form: RegExp): string | undefined =>
  graphemesOf(text).find((grapheme) => form.test(grapheme));

const cut = (grapheme: string, max: number): string =>
  [...grapheme.normalize('NFC')].slice(0, max).join('');

/** In upper case, where `ß` is two letters and `ﬃ` three: the first of them. */
const upper = (grapheme: string): string => firstOf(grapheme.toUpperCase(), letter) ?? grapheme;

/**
 * One or two graphemes for a user or a circle: the first letters of the first and the last word; without letters, the
 * first symbol or emoji; else `?`.
 */
export const initialsOf = (name: string): string => {
  const letters = name.split(/[\s._-]+/).flatMap((word) => firstOf(word, letter) ?? []);
  const ends = letters.length > 1 ? [letters[0] ?? '', letters.at(-1) ?? ''] : letters;
  const initials = ends.map((each) => cut(upper(each), lettersMax)).join('');
  return initials || cut(firstOf(name, symbol) ?? '?', emojiMax);
};

/** The number of background colours of initials: `.tint-0` and on. */
export const coloursMax = 10;

/** The same colour for the same id. */
export const colourOf = (id: string): number => {
  let sum = 0;
  for (const sign of id) sum = (sum * 31 + (sign.codePointAt(0) ?? 0)) % 1_000_003;
  return sum % coloursMax;
};
