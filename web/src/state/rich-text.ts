import { graphemesOf } from '../../../src/text/graphemes.ts';
import { parse } from '../../../src/text/markup/parse.ts';
import { plainText } from '../../../src/text/markup/plain-text.ts';
import { isEmoji } from './emoji.ts';

/** What is sent of what was typed: no blank lines before it, and nothing that cannot be seen behind it. */
export const withoutMargins = (typed: string): string =>
  typed.replace(/^(?:[^\S\n]*\n)+/, '').trimEnd();

/** A message as one line, without its marks. */
export const oneLine = (text: string): string =>
  plainText(parse(text)).replaceAll(/\s+/g, ' ').trim();

/** So many emoji and nothing else are shown large; together they are no longer than this, in UTF-16 units. */
const largeMax = 6;
const largeLengthMax = 120;

/** Whether a text is a few emoji and nothing else, which are shown large. */
export const isEmojiOnly = (text: string): boolean => {
  if (text.length > largeLengthMax) return false;
  const shown = graphemesOf(text).filter((each) => each.trim() !== '');
  return shown.length > 0 && shown.length <= largeMax && shown.every(isEmoji);
};
