import type { Block, Budget, Line } from './tree.ts';

/** Where blocks are parsed: in a message, or in a quote or an item of a list. */
export type BlockContext = {
  readonly lines: readonly Line[];
  readonly budget: Budget;
  /** The number of enclosing quotes and items. */
  readonly depth: number;
  /** Parses the lines inside a block of this context. */
  readonly blocksIn: (lines: readonly Line[]) => readonly Block[];
  /** A fence of so many backticks is not closed below: searching for its end again and again would take long. */
  unclosed: number;
};

/** A block, and the number of the line after it. */
export type Found = { readonly block: Block; readonly next: number };

export const isBlank = (text: string): boolean => text.trim() === '';

/** A line without its first characters. */
export const without = ({ text, at }: Line, length: number): Line => ({
  text: text.slice(length),
  at: at + length,
});
