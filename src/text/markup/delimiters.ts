import { characterAt, characterBefore, isBehindWord, isOfWord } from './characters.ts';

/** A run of one delimiter. It may open emphasis, close it, or neither. */
export type Delimiter = {
  readonly length: number;
  readonly opens: boolean;
  readonly closes: boolean;
};

/** How long a run of each may be: `**bold**`, `*italic*`, both in one, `_italic_`, `~~struck~~`. */
const lengths: Readonly<Record<string, readonly number[]>> = { '*': [1, 2, 3], _: [1], '~': [2] };

const isSpace = (character: string): boolean => character === '' || /^\s$/u.test(character);
const closesText = /^[\p{Pe}\p{Pf}.,;:!?…。，、；：！？]$/u;
const opensText = /^[\p{Ps}\p{Pi}]$/u;
const isStrokeOrBackslash = (character: string): boolean => character === '/' || character === '\\';

/** Korean puts spaces between words, but joins particles to them: `**굵게**입니다`. */
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
  if (isSpace(after) || closesText.test(after)) return false;
  if (isBehindWord(text, start) && !isJoinable(before)) return false;
  if (isStrokeOrBackslash(before) || (isAscii(before) && closesText.test(before))) return false;
  // In `@_ada` it belongs to the name.
  if (before === '@') return false;
  return !isPlainPunctuation(after) || isEdgeBefore(before);
};

const closes = (text: string, start: number, end: number): boolean => {
  const before = characterBefore(text, start);
  const after = characterAt(text, end);
  if (isSpace(before) || opensText.test(before) || isStrokeOrBackslash(before)) return false;
  if (!isJoinable(after) || isStrokeOrBackslash(after)) return false;
  return !isPlainPunctuation(before) || isEdgeAfter(after);
};

/** The run of delimiters that begins at a place of a line; none if a run of that length means nothing. */
export const delimiterAt = (text: string, start: number): Delimiter | undefined => {
  const sign = text.charAt(start);
  if (text.charAt(start - 1) === sign) return undefined;
  let end = start;
  while (text.charAt(end) === sign) end++;
  const length = end - start;
  if (!lengths[sign]?.includes(length)) return undefined;
  return { length, opens: opens(text, start, end), closes: closes(text, start, end) };
};
