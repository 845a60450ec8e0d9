import type { Block, Budget, Line } from './tree.ts';

/** Where blocks are looked for: in a message, or in a quote or an item of a list. */
export type Place = {
  readonly lines: readonly Line[];
  readonly budget: Budget;
  /** How many quotes and items enclose the lines. */
  readonly depth: number;
  /** Parses the lines inside a block of this place. */
  readonly blocksIn: (lines: readonly Line[]) => readonly Block[];
  /** No fence of so many backticks is closed below; to look for its end again and again would take long. */
  unclosed: number;
};

/** A block, and the number of the line behind it. */
export type Found = { readonly block: Block; readonly next: number };

export const isBlank = (text: string): boolean => text.trim() === '';

/** A line without its first characters. */
export const without = ({ text, at }: Line, length: number): Line => ({
  text: text.slice(length),
  at: at + length,
});
