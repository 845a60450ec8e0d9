import { baseBefore, characterAt, characterBefore, isOfWord } from './characters.ts';

/** A run of one delimiter, which opens emphasis, closes it, or can do either. */
export type Delimiter = {
  readonly length: number;
  readonly opens: boolean;
  readonly closes: boolean;
};

/** The allowed lengths of a run: `**bold**`, `*italic*`, both in one, `_italic_`, `~~struck~~`. */
const lengths: Readonly<Record<string, readonly number[]>> = { '*': [1, 2, 3], _: [1], '~': [2] };

const isSpace = (character: string): boolean => character === '' || /^\s$/u.test(character);
const closesText = /^[\p{Pe}\p{Pf}.,;:!?…。，、；：！？]$/u;
const opensText = /^[\p{Ps}\p{Pi}]$/u;
/** Paths and escapes are not edges. */
const isSlash = (character: string): boolean => character === '/' || character === '\\';

/** Korean puts spaces between words, but appends particles to them: `**굵게**입니다`. */
const isJoinable = (character: string): boolean =>
  !isOfWord(character) || /^\p{scx=Hangul}$/u.test(character);

const isAscii = (character: string): boolean => character < '\u0080';

/** Punctuation at the inner side of a delimiter needs a clear edge at its outer side: `"*"` is an asterisk. */
const isPlainPunctuation = (character: string): boolean =>
  isAscii(character) && !/^[\s\w@#*~`]$/.test(character);

const isEdgeBefore = (character: string): boolean =>
  isSpace(character) || !isAscii(character) || /^[([{*_~]$/.test(character);

const isEdgeAfter = (character: string): boolean =>
  isSpace(character) || !isAscii(character) || /^[)\]}*_~.,;:!?]$/.test(character);

const opens = (text: string, start: number, end: number): boolean => {
  const before = characterBefore(text, start);
  const after = characterAt(text, end);
  if (isSpace(after) || closesText.test(after) || isSlash(after)) return false;
  if (!isJoinable(baseBefore(text, start))) return false;
  if (isSlash(before) || (isAscii(before) && closesText.test(before))) return false;
  // In `@_ada` it belongs to the name.
  if (before === '@') return false;
  return !isPlainPunctuation(after) || isEdgeBefore(before);
};

const closes = (text: string, start: number, end: number): boolean => {
  const before = characterBefore(text, start);
  const after = characterAt(text, end);
  if (isSpace(before) || opensText.test(before) || isSlash(before)) return false;
  if (!isJoinable(after) || isSlash(after)) return false;
  return !isPlainPunctuation(before) || isEdgeAfter(after);
};

/**
 * The run of delimiters that starts at an offset of a line; undefined if it has no meaning there. Where a link has
 * just ended, its last character does not count.
 */
export const delimiterAt = (
  text: string,
  start: number,
  linkEnd?: number,
): Delimiter | undefined => {
  const sign = text.charAt(start);
  if (text.charAt(start - 1) === sign) return undefined;
  let end = start;
  while (text.charAt(end) === sign) end++;
  const length = end - start;
  if (!lengths[sign]?.includes(length)) return undefined;
  const isOpening = opens(text, start, end);
  const isClosing =
    start === linkEnd ? isJoinable(characterAt(text, end)) : closes(text, start, end);
  return isOpening || isClosing ? { length, opens: isOpening, closes: isClosing } : undefined;
};
