import { type BlockContext, type Found, without } from './block-context.ts';
import { depthMax, type Line } from './tree.ts';

/** Marks a line as quoted: `> ` before something, or a further `>` of `>> `. So `>.<` and `>` alone are text. */
const mark = /^ {0,3}>(?=>*[ \t]+\S)[ \t]?/;

/** Within a quote a `>` alone is a blank line. */
const blank = /^ {0,3}>[ \t]*$/;

const markLength = ({ text }: Line, isInQuote: boolean): number =>
  mark.exec(text)?.[0].length ?? (isInQuote && blank.test(text) ? text.length : 0);

/** The quote that starts at a line. A line without a mark ends it. */
export const quoteAt = (context: BlockContext, start: number): Found | undefined => {
  const { lines, budget, depth } = context;
  if (depth >= depthMax) return undefined;
  const quoted: Line[] = [];
  for (let line = lines[start]; line; line = lines[start + quoted.length]) {
    const length = markLength(line, quoted.length > 0);
    if (length === 0) break;
    quoted.push(without(line, length));
  }
  if (quoted.length === 0) return undefined;
  budget.parts -= 1;
  return { block: { is: 'quote', blocks: context.blocksIn(quoted) }, next: start + quoted.length };
};
