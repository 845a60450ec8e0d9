import { type BlockContext, type Found, isBlank, without } from './block-context.ts';
import type { Line } from './tree.ts';

/** Opens code: backticks, then the name of a language, or the first line of the code. */
const opening = /^( {0,3})(`{3,})([^`]*)$/;

const language = /^[ \t]*([\w+#.-]{1,32})[ \t]*$/;

/** The length of a line before the backticks that close code; undefined if it does not close it. */
const closingAt = (text: string, ticksMin: number): number | undefined => {
  const end = text.trimEnd().length;
  let start = end;
  while (text.charAt(start - 1) === '`') start--;
  return end - start >= ticksMin ? start : undefined;
};

/** The lines without the indentation of the opening fence, as far as they have it. */
const outdented = (line: Line, indent: number): Line => {
  const own = line.text.length - line.text.trimStart().length;
  return without(line, Math.min(own, indent));
};

/**
 * The fenced code that starts at a line, and ends with the line that ends with as many backticks or more. Code that
 * is never closed, or is blank, is text.
 */
export const fenceAt = (context: BlockContext, start: number): Found | undefined => {
  const { lines } = context;
  const first = lines[start];
  const [, indent = '', ticks = '', info = ''] = opening.exec(first?.text ?? '') ?? [];
  if (!first || ticks === '' || ticks.length >= context.unclosed) return undefined;
  const end = closingLine(lines, start + 1, ticks.length);
  if (end === undefined) {
    context.unclosed = ticks.length;
    return undefined;
  }
  const named = language.exec(info)?.[1];
  const code = lines.slice(start + 1, end.index).map((line) => outdented(line, indent.length));
  const last = lines[end.index];
  if (named === undefined && !isBlank(info))
    code.unshift(without(first, first.text.length - info.length));
  if (last && end.length > 0) {
    const { text, at } = outdented(last, indent.length);
    const kept = text.slice(0, end.length - (at - last.at));
    if (!isBlank(kept)) code.push({ text: kept, at });
  }
  const text = code.map((line) => line.text).join('\n');
  if (isBlank(text)) return undefined;
  context.budget.parts -= 1;
  const block = {
    is: 'code',
    text,
    at: code[0]?.at ?? 0,
    ...(named !== undefined && { language: named }),
  } as const;
  return { block, next: end.index + 1 };
};

/** The line that closes code, and how much of it is code; undefined if there is none. */
const closingLine = (lines: readonly Line[], from: number, ticks: number) => {
  for (let index = from; index < lines.length; index++) {
    const length = closingAt(lines[index]?.text ?? '', ticks);
    if (length !== undefined) return { index, length };
  }
  return undefined;
};
