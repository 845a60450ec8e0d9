import { type Found, isBlank, type Place } from './block-context.ts';
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
 * What a message is made of, by the grammar of docs/messages.md. It takes any text, well-formed or not, in a time that
 * grows with its length.
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

/** Reads from the first line to the last, so that what is drawn apart is the beginning of a message. */
const blocksOf = (place: Place): readonly Block[] => {
  const { lines, budget } = place;
  const blocks: Block[] = [];
  let typed: Typed[] = [];
  for (let index = 0; index < lines.length; ) {
    const found = begunAt(place, index);
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

const begunAt = (place: Place, index: number): Found | undefined =>
  place.budget.parts > 0
    ? (fenceAt(place, index) ?? quoteAt(place, index) ?? listAt(place, index))
    : undefined;

/** A line that stays as it was typed, but for the parts in it. */
type Typed = { readonly line: Line; readonly inlines: readonly Inline[] };

/** Lines without the blank ones before and behind them; none if all are blank. */
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

/** Texts that follow each other in the message become one. */
const addInline = (inlines: Inline[], inline: Inline): void => {
  const last = inlines.at(-1);
  if (last?.is === 'text' && inline.is === 'text' && last.at + last.text.length === inline.at)
    inlines[inlines.length - 1] = { ...last, text: last.text + inline.text };
  else inlines.push(inline);
};
