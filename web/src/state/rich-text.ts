import { graphemesOf } from '../../../src/text/graphemes.ts';
import { parse } from '../../../src/text/markup/parse.ts';
import { plainText } from '../../../src/text/markup/plain-text.ts';
import { isEmoji } from './emoji.ts';

/** The text to send: without leading blank lines and trailing invisible characters. */
export const withoutMargins = (typed: string): string =>
  typed.replace(/^(?:[^\S\n]*\n)+/, '').trimEnd();

/** A message as one line, without markup. */
export const oneLine = (text: string): string =>
  plainText(parse(text)).replaceAll(/\s+/g, ' ').trim();

/** Up to this many emoji alone are displayed large, and their maximum length in UTF-16 units. */
const largeMax = 6;
const largeLengthMax = 120;

/** Whether a text consists of a few emoji, which are displayed large. */
export const isEmojiOnly = (text: string): boolean => {
  if (text.length > largeLengthMax) return false;
  const shown = graphemesOf(text).filter((each) => each.trim() !== '');
  return shown.length > 0 && shown.length <= largeMax && shown.every(isEmoji);
};
