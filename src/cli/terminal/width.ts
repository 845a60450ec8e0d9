import stringWidth from 'string-width';
import { graphemesOf } from '../../text/graphemes.ts';

/** How many columns of a terminal a text takes; what marks it in colour takes none. */
export const widthOf = (text: string): number => stringWidth(text);

const count = (text: string, sign: string): number => text.split(sign).length - 1;

/**
 * A text in at most so many columns of a terminal, one at least. Dots say where it is cut, which is between two
 * characters as readers see them; an isolate that is open there is closed.
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
