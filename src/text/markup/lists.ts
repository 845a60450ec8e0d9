import { type BlockContext, type Found, isBlank, without } from './block-context.ts';
import { depthMax, type Item, type Line } from './tree.ts';

/** Starts an item. Numbers are shown as they were typed; leading zeros, which would be lost, are not allowed. */
const mark = /^( {0,3})([-*]|[1-9]\d{0,8}[.)])[ \t]+/;

/** The marker of an item, and the columns before the marker and before its text. */
type Mark = { readonly marker: string; readonly indent: number; readonly length: number };

/** The item that a line starts. One without a text is not an item, nor is a line of `* * *`. */
const markOf = (line: Line): Mark | undefined => {
  if (line.isItem) return undefined;
  const [whole = '', indent = '', marker = ''] = mark.exec(line.text) ?? [];
  const text = line.text.slice(whole.length);
  if (whole === '' || !/[^\s*-]/.test(text)) return undefined;
  return { marker, indent: indent.length, length: whole.length };
};

/** Items of one list have the same marker: `-`, `*`, `.` or `)`. */
const signOf = ({ marker }: Mark): string => marker.slice(-1);

const tabWidth = 4;

/** The indentation of a line in columns, up to `columnsMax`, and its length in characters. */
const indentOf = (text: string, columnsMax: number) => {
  let columns = 0;
  let length = 0;
  for (; columns < columnsMax; length++) {
    const sign = text.charAt(length);
    if (sign === ' ') columns += 1;
    else if (sign === '\t') columns += tabWidth;
    else break;
  }
  return { columns, length };
};

/** A line that is indented this much more than an item's marker belongs to the item, in columns. */
const indentMin = 2;

/** The lines of an item after its first, and the number of the line after them. */
const itemLines = (lines: readonly Line[], start: number, { indent, length }: Mark) => {
  const own: Line[] = [];
  let next = start;
  for (let index = start; index < lines.length; index++) {
    const line = lines[index];
    if (!line || isBlank(line.text)) continue;
    const white = indentOf(line.text, length);
    if (white.columns < indent + indentMin) break;
    own.push(...lines.slice(next, index).map(blanked), without(line, white.length));
    next = index + 1;
  }
  return { own, next };
};

/** A blank line, whose white space is not shown. */
const blanked = ({ text, at }: Line): Line => ({ text: '', at: at + text.length });

/** The first line after blank ones. */
const behindBlank = (lines: readonly Line[], start: number): number => {
  let index = start;
  while (index < lines.length && isBlank(lines[index]?.text ?? '')) index++;
  return index;
};

/** The list that starts at a line. Between its items, and in them, there may be blank lines. */
export const listAt = (context: BlockContext, start: number): Found | undefined => {
  const { lines, budget, depth } = context;
  if (depth >= depthMax) return undefined;
  const items: Item[] = [];
  let sign: string | undefined;
  let next = start;
  for (let index = start; budget.parts > 0; index = behindBlank(lines, next)) {
    const line = lines[index];
    const found = line && markOf(line);
    if (!found || (sign !== undefined && signOf(found) !== sign)) break;
    sign = signOf(found);
    budget.parts -= 1;
    const rest = itemLines(lines, index + 1, found);
    const first: Line = { ...without(line, found.length), isItem: true };
    items.push({ marker: found.marker, blocks: context.blocksIn([first, ...rest.own]) });
    next = rest.next;
  }
  return items.length > 0 ? { block: { is: 'list', items }, next } : undefined;
};
