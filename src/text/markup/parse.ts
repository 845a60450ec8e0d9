import { type BlockContext, type Found, isBlank } from './block-context.ts';
import { fenceAt } from './fences.ts';
import { inlinesOf } from './line.ts';
import { listAt } from './lists.ts';
import { quoteAt } from './quotes.ts';
import {
  type Block,
  type Budget,
  delimitersMax,
  type Inline,
  type Line,
  partsMax,
} from './tree.ts';

/**
 * Parses a message by the grammar of docs/messages.md. Accepts any text, well-formed or not, in time linear in its
 * length.
 */
export const parse = (text: string): readonly Block[] => {
  const budget: Budget = { parts: partsMax, delimiters: delimitersMax };
  const blocksAt = (lines: readonly Line[], depth: number): readonly Block[] => {
    const blocksIn = (inner: readonly Line[]) => blocksAt(inner, depth + 1);
    return blocksOf({ lines, budget, depth, blocksIn, unclosed: Number.POSITIVE_INFINITY });
  };
  return blocksAt(linesOf(text), 0);
};

const linesOf = (text: string): readonly Line[] => {
  let at = 0;
  return text.split('\n').map((line) => {
    const start = at;
    at += line.length + 1;
    return { text: line, at: start };
  });
};

/** Parses from the first line to the last, so that the budget is spent on the start of the message. */
const blocksOf = (context: BlockContext): readonly Block[] => {
  const { lines, budget } = context;
  const blocks: Block[] = [];
  let typed: Typed[] = [];
  for (let index = 0; index < lines.length; ) {
    const found = blockAt(context, index);
    const line = lines[index];
    if (found) {
      blocks.push(...blockOf(typed), found.block);
      typed = [];
      index = found.next;
    } else {
      if (line) typed.push({ line, inlines: inlinesOf(line, budget) });
      index += 1;
    }
  }
  return [...blocks, ...blockOf(typed)];
};

const blockAt = (context: BlockContext, index: number): Found | undefined =>
  context.budget.parts > 0
    ? (fenceAt(context, index) ?? quoteAt(context, index) ?? listAt(context, index))
    : undefined;

/** A line of text, with the parts in it. */
type Typed = { readonly line: Line; readonly inlines: readonly Inline[] };

/** Lines without leading and trailing blank ones; none if all are blank. */
const blockOf = (typed: readonly Typed[]): readonly Block[] => {
  const isSeen = ({ line }: Typed): boolean => !isBlank(line.text);
  const first = typed.findIndex(isSeen);
  if (first === -1) return [];
  const last = typed.findLastIndex(isSeen);
  const inlines: Inline[] = [];
  for (const { line, inlines: own } of typed.slice(first, last)) {
    for (const inline of own) addInline(inlines, inline);
    addInline(inlines, { is: 'text', text: '\n', at: line.at + line.text.length });
  }
  for (const inline of typed[last]?.inlines ?? []) addInline(inlines, inline);
  return [{ is: 'lines', inlines }];
};

/** Merges adjacent texts. */
const addInline = (inlines: Inline[], inline: Inline): void => {
  const last = inlines.at(-1);
  if (last?.is === 'text' && inline.is === 'text' && last.at + last.text.length === inline.at)
    inlines[inlines.length - 1] = { ...last, text: last.text + inline.text };
  else inlines.push(inline);
};
