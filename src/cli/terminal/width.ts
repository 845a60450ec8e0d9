import stringWidth from 'string-width';
import { graphemesOf } from '../../text/graphemes.ts';

/** The width of a text in columns of a terminal; styles have no width. */
export const widthOf = (text: string): number => stringWidth(text);

const count = (text: string, sign: string): number => text.split(sign).length - 1;

/**
 * Cuts a text to a width in columns, at least one. An ellipsis marks the cut, which is between two graphemes; an open
 * isolate is closed.
 */
export const cut = (text: string, width: number): string => {
  if (widthOf(text) <= width) return text;
  let kept = '';
  let left = width - 1;
  for (const grapheme of graphemesOf(text)) {
    left -= widthOf(grapheme);
    if (left < 0) break;
    kept += grapheme;
  }
  const open = count(kept, '\u2068') - count(kept, '\u2069');
  return `${kept}…${'\u2069'.repeat(Math.max(0, open))}`;
};
